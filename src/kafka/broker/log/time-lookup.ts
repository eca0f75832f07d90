/**
 * Offsets by timestamp: the batch is found by its header, the record by decoding that one batch.
 */
import type { RecordBatch } from '../../../model/record.ts'
import { decodeBatch } from '../../protocol/record-batch/record-decoder.ts'
import type { Decompress } from '../../protocol/record-batch/compression.ts'
import type { PartitionLog } from './partition-log.ts'
import { batchBytes, type StoredBatch } from './stored-batch.ts'

export interface TimedOffset {
  readonly offset: number
  readonly timestamp: number
}

/** The first record whose timestamp is at least the given one. */
export function findByTimestamp(
  log: PartitionLog,
  timestamp: number,
  decompress: Decompress | undefined,
): TimedOffset | undefined {
  for (const batch of log.batches) {
    if (batch.header.maxTimestamp < timestamp) continue
    const found = firstAtLeast(batch, timestamp, log.startOffset, decompress)
    if (found !== undefined) return found
  }
  return undefined
}

/** The first record that has the latest timestamp of all. */
export function findLatestTimestamp(
  log: PartitionLog,
  decompress: Decompress | undefined,
): TimedOffset | undefined {
  let latest: StoredBatch | undefined
  for (const batch of log.batches) {
    if (latest === undefined || batch.header.maxTimestamp > latest.header.maxTimestamp) {
      latest = batch
    }
  }
  if (latest === undefined) return undefined
  return firstAtLeast(latest, latest.header.maxTimestamp, log.startOffset, decompress)
}

function firstAtLeast(
  batch: StoredBatch,
  timestamp: number,
  startOffset: number,
  decompress: Decompress | undefined,
): TimedOffset | undefined {
  const { header } = batch
  const view = viewOf(batch, decompress)
  if (view === undefined) return { offset: header.baseOffset, timestamp: header.maxTimestamp }
  for (let i = 0; i < view.count; i++) {
    const at = view.timestamps[i] ?? -1
    const offset = view.offsets[i] ?? 0
    if (at >= timestamp && offset >= startOffset) return { offset, timestamp: at }
  }
  return undefined
}

/** Undefined where the batch cannot be looked into; its first offset has to do then. */
function viewOf(batch: StoredBatch, decompress: Decompress | undefined): RecordBatch | undefined {
  const { header } = batch
  if (header.compression !== 'none' && decompress === undefined) return undefined
  try {
    return decodeBatch(batchBytes(batch), header, decompress ?? ((_, bytes) => bytes))
  } catch {
    return undefined
  }
}
