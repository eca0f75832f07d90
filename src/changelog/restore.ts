import { murmur2 } from '../model/murmur2.ts'
import type { RecordBatch } from '../model/record.ts'
import type { EpochBuffer } from '../state/epoch-buffer.ts'
import type { ExpiringStore } from '../state/expiring-store.ts'

/**
 * Reading a changelog up to its end. The end is the log end offset read once with read_uncommitted
 * (KAFKA-10167: the last stable offset may lag), while records are read with read_committed: a
 * transaction that is still open there is so waited for. The position counts, not the last record:
 * markers and compaction leave no record at the end.
 */
export type RestoreProgress =
  | { readonly phase: 'reading'; readonly position: number; readonly end: number }
  | { readonly phase: 'done'; readonly position: number; readonly end: number }

export function beginRestore(from: number, end: number): RestoreProgress {
  return { phase: from >= end ? 'done' : 'reading', position: from, end }
}

/** @param position Where reading goes on. */
export function advanceRestore(progress: RestoreProgress, position: number): RestoreProgress {
  return beginRestore(Math.max(progress.position, position), progress.end)
}

/** What of a changelog is taken, where that is not all. */
export interface ChangeFilter {
  /** Records from this offset on are not for the store yet. */
  readonly until?: number
  /** Time of a record; negative: it is left out. */
  readonly timeOf?: (batch: RecordBatch, index: number) => number
}

/** Takes records of a changelog into their store; records without a key mean nothing. */
export function restoreTo(
  store: Pick<EpochBuffer | ExpiringStore, 'restore' | 'restored'>,
  batches: readonly RecordBatch[],
  nextOffset: number,
  filter: ChangeFilter = {},
): void {
  eachChange(batches, filter, (batch, index, time) => {
    const { bytes } = batch
    const start = batch.keyStarts[index] ?? -1
    const end = batch.keyEnds[index] ?? -1
    const valueStart = batch.valueStarts[index] ?? -1
    const valueEnd = batch.valueEnds[index] ?? -1
    store.restore(time, bytes, start, end, murmur2(bytes, start, end), valueStart, valueEnd)
  })
  store.restored(endOf(nextOffset, filter))
}

type Take = (batch: RecordBatch, index: number, time: number) => void

function eachChange(
  batches: readonly RecordBatch[],
  { until = Number.POSITIVE_INFINITY, timeOf = timestampOf }: ChangeFilter,
  take: Take,
): void {
  for (const batch of batches) {
    for (let index = 0; index < batch.count; index += 1) {
      if ((batch.offsets[index] ?? 0) >= until) break
      if ((batch.keyStarts[index] ?? -1) < 0) continue
      const time = timeOf(batch, index)
      if (time >= 0) take(batch, index, time)
    }
  }
}

function endOf(nextOffset: number, { until = Number.POSITIVE_INFINITY }: ChangeFilter): number {
  return Math.min(nextOffset, until)
}

function timestampOf(batch: RecordBatch, index: number): number {
  return Math.max(batch.timestamps[index] ?? 0, 0)
}
