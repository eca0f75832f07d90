/** When epochs are cut by time. Input is tuned to be there just before (`Fetcher.wantedAfter`). */
import type { CheckpointLimits, CheckpointState } from './protocol.ts'

/** How much a cut may be shifted to come right behind its input; at most a quarter interval. */
const slackMsMax = 10

/**
 * How much later than its time a cut may be, or earlier where negative. It waits a little for input
 * that is late, and comes a little earlier when all is here and processed: no other could be in
 * time.
 * @param awaits Whether input is still to come that was to be here by a moment.
 * @param idle Everything that came is processed.
 */
export function cutShiftMs(
  state: CheckpointState,
  { intervalMs }: CheckpointLimits,
  awaits: (byMs: number) => boolean,
  idle: boolean,
): number {
  if (state.phase !== 'open') return 0
  const slackMs = Math.min(slackMsMax, intervalMs / 4)
  if (awaits(state.cutAtMs + intervalMs)) return slackMs
  return idle ? -slackMs : 0
}

/** Milliseconds until a cut falls due by time; undefined where none can. */
export function cutDueMs(
  state: CheckpointState,
  { intervalMs }: CheckpointLimits,
  nowMs: number,
  shiftMs = 0,
): number | undefined {
  if (state.phase !== 'open') return undefined
  return state.requested ? 0 : Math.max(0, state.cutAtMs + intervalMs + shiftMs - nowMs)
}

/**
 * The first moment after `ms` at which a cut falls due by time; undefined where that is not known:
 * nothing has been cut for an interval, or a commit lasts.
 */
export function cutAfterMs(
  state: CheckpointState,
  { intervalMs }: CheckpointLimits,
  ms: number,
  nowMs: number,
): number | undefined {
  if (state.phase !== 'open' && state.phase !== 'committing') return undefined
  const next = state.cutAtMs + intervalMs
  if (next < nowMs) return undefined
  return next + Math.max(0, Math.ceil((ms - next) / intervalMs)) * intervalMs
}
