/** Where the inputs of an application are to be read from after a reset. */
import { parseDuration } from '../../model/duration.ts'
import { partitionName, type TopicPartition } from '../../model/ids.ts'
import { usage } from '../failures.ts'

export type Target =
  | { readonly kind: 'earliest' }
  | { readonly kind: 'latest' }
  | { readonly kind: 'time'; readonly timestamp: number }
  | { readonly kind: 'shift'; readonly by: number }

/** Of one partition, as Kafka has it now. */
export interface KnownPartition extends TopicPartition {
  readonly start: number
  readonly end: number
  /** Undefined: nothing is committed. */
  readonly committed: number | undefined
  /** First offset of the wanted time or later; undefined: there is none. */
  readonly atTime: number | undefined
}

export interface NewPosition extends TopicPartition {
  readonly from: number | undefined
  readonly offset: number
}

/**
 * @param to `earliest`, `latest`, a time (ISO 8601), or how long ago (`1h`).
 * @param shift Offsets, forward or (negative) back.
 * @throws StreamError `COMMAND_LINE_INVALID`
 */
export function targetOf(to: string | undefined, shift: string | undefined, nowMs: number): Target {
  if (to !== undefined && shift !== undefined) {
    throw usage('COMMAND_LINE_INVALID', '--to and --shift exclude each other')
  }
  if (shift !== undefined) {
    if (/^[+-]?\d+$/.test(shift)) return { kind: 'shift', by: Number(shift) }
    throw usage('COMMAND_LINE_INVALID', `--shift takes a whole number of offsets, not ${shift}`)
  }
  if (to === undefined || to === 'earliest') return { kind: 'earliest' }
  if (to === 'latest') return { kind: 'latest' }
  const ago = parseDuration(to)
  if (ago !== undefined) return { kind: 'time', timestamp: nowMs - ago }
  const timestamp = Date.parse(to)
  if (Number.isFinite(timestamp)) return { kind: 'time', timestamp }
  throw usage(
    'COMMAND_LINE_INVALID',
    `--to takes earliest, latest, a time (2026-11-21T18:00:00Z) or how long ago (1h), not ${to}`,
  )
}

/** Positions stay within what the log has. */
export function newPosition(target: Target, known: KnownPartition): NewPosition {
  const { topic, partition, start, end, committed } = known
  const offset = Math.min(end, Math.max(start, wanted(target, known)))
  return { topic, partition, from: committed, offset }
}

function wanted(target: Target, { start, end, committed, atTime }: KnownPartition): number {
  if (target.kind === 'earliest') return start
  if (target.kind === 'latest') return end
  if (target.kind === 'time') return atTime ?? end
  return (committed ?? start) + target.by
}

/** One line for people. */
export function positionText({ from, offset, ...partition }: NewPosition): string {
  return `${partitionName(partition)}: ${from ?? 'nothing committed'} → ${offset}`
}
