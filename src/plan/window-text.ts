import type { JoinSpec, OperatorSpec, StreamJoinSpec, WindowEmit } from '../operators/spec.ts'
import type { StoredWindow } from '../state/spec.ts'

/** What an operator does with time, in words; undefined for one that does not look at it. */
export function timesText(spec: OperatorSpec): string | undefined {
  if (spec.kind === 'windowed-aggregate') return windowText(spec.window, spec.emit)
  if (spec.kind === 'session-aggregate') {
    const { gapMs, graceMs } = spec.session
    const gap = `sessions ${durationText(gapMs)} apart, grace ${durationText(graceMs)}`
    return `${gap}, emits ${emitted[spec.emit]}`
  }
  if (spec.kind === 'sliding-aggregate') {
    const { differenceMs, graceMs } = spec.sliding
    const size = `sliding ${durationText(differenceMs)}, grace ${durationText(graceMs)}`
    return `${size}, emits ${emitted[spec.emit]}`
  }
  if (spec.kind === 'suppress') {
    const { until } = spec
    return until.kind === 'window-closes'
      ? 'tells each window when it has closed'
      : `tells the last change ${durationText(until.limitMs)} after the first`
  }
  if (spec.kind === 'join') return waitText(spec)
  return spec.kind === 'stream-join' ? withinText(spec.within) : undefined
}

function waitText({ store }: JoinSpec): string | undefined {
  const graceMs = store?.times?.keptMs
  return graceMs === undefined ? undefined : `waits until ${durationText(graceMs)} have passed`
}

/** `within 5m, grace 1m`; `within 0ms before and 1h after, grace 0ms`. */
function withinText({ beforeMs, afterMs, graceMs }: StreamJoinSpec['within']): string {
  const distance =
    beforeMs === afterMs
      ? durationText(beforeMs)
      : `${durationText(beforeMs)} before and ${durationText(afterMs)} after`
  return `within ${distance}, grace ${durationText(graceMs)}`
}

/** `tumbling 10s, grace 5s, emits on update`. */
function windowText(window: StoredWindow, emit: WindowEmit): string {
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
