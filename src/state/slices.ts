import { windowBytes } from '../serde/windowed.ts'
import type { StoredTimes, StoreSpec } from './spec.ts'

/** Slices that are open at least, of a store whose records come in order. */
const slicesKept = 16

/** How the entries of a store that go by time are put together in slices. */
export interface SliceRule {
  /** From where the time's 8 bytes begin to the end of a key. */
  readonly bytesBehind: number
  /** Slices begin at multiples of it. */
  readonly sliceMs: number
}

/** Undefined for a store whose entries stay. */
export function sliceRuleOf({ window, times }: StoreSpec): SliceRule | undefined {
  if (window !== undefined) return ruleOfWindows
  return times && ruleOfTimes(times)
}

/** The windows that start together close together. */
export const ruleOfWindows: SliceRule = Object.freeze({ bytesBehind: windowBytes, sliceMs: 1 })

export function ruleOfTimes({ bytesBehind, keptMs }: StoredTimes): SliceRule {
  return { bytesBehind, sliceMs: Math.max(1, Math.ceil(keptMs / slicesKept)) }
}

/** The start of the slice that a time is in. */
export function sliceOf(timeMs: number, { sliceMs }: SliceRule): number {
  return Math.floor(timeMs / sliceMs) * sliceMs
}

/** Says how a store's files are laid out; undefined: by key, as bytes are. */
export function layoutOf(spec: StoreSpec): string | undefined {
  const rule = sliceRuleOf(spec)
  return rule && `slices-${rule.bytesBehind}-${rule.sliceMs}`
}
