/**
 * Log compaction: of each key the last committed record stays, offsets stay as they were. As Apache
 * Kafka's cleaner: what aborted transactions wrote goes at once; tombstones and markers stay for
 * `delete.retention.ms` after the first cleaning that met them; a producer's last batch stays,
 * emptied.
 */
import type { Decompress } from '../../protocol/record-batch/compression.ts'
import { readCleanableRecords, type CleanableRecords, rewriteBatch } from './cleanable-records.ts'
import type { PartitionLog } from './partition-log.ts'
import { Segments } from './segments.ts'
import { batchBytes, type StoredBatch } from './stored-batch.ts'

export interface Cleaning {
  readonly nowMs: number
  readonly deleteRetentionMs: number
  /** Records younger than this stay. */
  readonly lagMs: number
  readonly decompress: Decompress | undefined
}

export function compact(log: PartitionLog, cleaning: Cleaning): void {
  const end = cleanEnd(log, cleaning)
  const latest = latestOffsets(log, end, cleaning)
  const segments = new Segments()
  const kept: StoredBatch[] = []
  for (const batch of log.batches) {
    const cleaned = batch.header.lastOffset < end ? clean(log, batch, latest, cleaning) : batch
    if (cleaned !== undefined) kept.push(moved(cleaned, segments))
  }
  log.replaceBatches(kept, segments)
}

/** Nothing of an open transaction is looked at, nor what is younger than the lag. */
function cleanEnd(log: PartitionLog, { nowMs, lagMs }: Cleaning): number {
  const stable = log.lastStableOffset
  if (lagMs <= 0) return stable
  const young = log.batches.find(({ header }) => header.maxTimestamp > nowMs - lagMs)
  return Math.min(stable, young?.header.baseOffset ?? stable)
}

function latestOffsets(log: PartitionLog, end: number, cleaning: Cleaning): Map<string, number> {
  const latest = new Map<string, number>()
  for (const batch of log.batches) {
    const { header } = batch
    if (header.lastOffset >= end) break
    if (header.isControl || isAborted(log, batch)) continue
    const records = readCleanableRecords(batch, cleaning.decompress)
    records?.keys.forEach((key, i) => {
      if (key !== undefined) latest.set(key, records.offsets[i] ?? 0)
    })
  }
  return latest
}

function isAborted(log: PartitionLog, { header }: StoredBatch): boolean {
  return header.isTransactional && log.aborted.covers(header.producerId, header.baseOffset)
}

/** What is left of a batch; undefined where nothing is. */
function clean(
  log: PartitionLog,
  batch: StoredBatch,
  latest: ReadonlyMap<string, number>,
  cleaning: Cleaning,
): StoredBatch | undefined {
  const { nowMs, deleteRetentionMs, decompress } = cleaning
  const since = batch.retainedSinceMs ?? nowMs
  const expired = nowMs - since >= deleteRetentionMs && batch.retainedSinceMs !== undefined
  if (batch.header.isControl) {
    if (!expired) return { ...batch, retainedSinceMs: since }
    log.aborted.dropEnded(batch.header.producerId, batch.header.baseOffset)
    return undefined
  }
  const records = readCleanableRecords(batch, decompress)
  // What cannot be looked into stays as it is.
  if (records === undefined) return batch
  const aborted = isAborted(log, batch)
  const stays = records.offsets.map((offset, i) => {
    const key = records.keys[i]
    const superseded = key === undefined || latest.get(key) !== offset
    return !aborted && !superseded && !(expired && records.tombstones[i] === true)
  })
  return remaining(log, { ...batch, retainedSinceMs: since }, records, stays)
}

function remaining(
  log: PartitionLog,
  batch: StoredBatch,
  records: CleanableRecords,
  stays: readonly boolean[],
): StoredBatch | undefined {
  if (stays.every(Boolean)) return batch
  const { producerId, lastOffset } = batch.header
  const lastOfProducer = log.producers.get(producerId)?.lastOffset === lastOffset
  if (!stays.some(Boolean) && !lastOfProducer) return undefined
  return rewriteBatch(batch, records, stays)
}

function moved(batch: StoredBatch, segments: Segments): StoredBatch {
  return { ...batch, ...segments.place(batchBytes(batch)) }
}
