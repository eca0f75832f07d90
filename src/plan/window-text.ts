import type { WindowEmit } from '../operators/spec.ts'
import type { StoredWindow } from '../state/spec.ts'

/** `tumbling 10s, grace 5s, emits on update`. */
export function windowText(window: StoredWindow, emit: WindowEmit): string {
  const { sizeMs, advanceMs, offsetMs, graceMs } = window
  const shape =
    advanceMs === sizeMs
      ? `tumbling ${durationText(sizeMs)}`
      : `hopping ${durationText(sizeMs)} every ${durationText(advanceMs)}`
  const offset = offsetMs === 0 ? '' : ` offset ${durationText(offsetMs)}`
  return `${shape}${offset}, grace ${durationText(graceMs)}, emits ${emitted[emit]}`
}

const emitted: Readonly<Record<WindowEmit, string>> = {
  update: 'each change',
  commit: 'last changes at commit',
  final: 'once when it closes',
}

const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const

function durationText(ms: number): string {
  const unit = units.find(([, size]) => ms >= size && ms % size === 0)
  return unit === undefined ? `${ms}ms` : `${ms / unit[1]}${unit[0]}`
}
