import { assignOffsets } from '../../protocol/record-batch/batch-builder.ts'
import type { BatchHeader } from '../../protocol/record-batch/batch-header.ts'
import { crc32c } from '../../protocol/record-batch/crc32c.ts'
import { attribute, checkedFrom, position } from '../../protocol/record-batch/layout.ts'
import type { Placed, Segments } from './segments.ts'

/** One batch of the log: where its bytes are, and what its header says after offsets were given. */
export interface StoredBatch extends Placed {
  readonly header: BatchHeader
  /**
   * When compaction first kept a tombstone or marker of it; those go `delete.retention.ms` later.
   */
  readonly retainedSinceMs: number | undefined
}

/** What the leader decides when it appends. */
export interface Stamp {
  readonly baseOffset: number
  readonly leaderEpoch: number
  /** Set over the producer's timestamps; undefined keeps those. */
  readonly appendTimeMs: number | undefined
}

/** Copies one batch into the log with its offsets; only an append time needs a new checksum. */
export function storeBatch(
  segments: Segments,
  bytes: Uint8Array,
  header: BatchHeader,
  stamp: Stamp,
): StoredBatch {
  const placed = segments.place(bytes.subarray(header.start, header.start + header.sizeBytes))
  const batch = placed.segment.subarray(placed.start, placed.end)
  const { baseOffset, leaderEpoch, appendTimeMs } = stamp
  assignOffsets(batch, baseOffset, leaderEpoch)
  if (appendTimeMs !== undefined) setAppendTime(batch, appendTimeMs)
  const stored: BatchHeader = {
    ...header,
    start: 0,
    baseOffset,
    lastOffset: baseOffset + (header.lastOffset - header.baseOffset),
    leaderEpoch,
    timestampType: appendTimeMs === undefined ? header.timestampType : 'log-append-time',
    maxTimestamp: appendTimeMs ?? header.maxTimestamp,
  }
  return { ...placed, header: stored, retainedSinceMs: undefined }
}

function setAppendTime(batch: Uint8Array, timeMs: number): void {
  const view = new DataView(batch.buffer, batch.byteOffset, batch.byteLength)
  const attributes = view.getInt16(position.attributes) | attribute.logAppendTime
  view.setInt16(position.attributes, attributes)
  view.setInt32(position.maxTimestamp, Math.floor(timeMs / 0x1_0000_0000))
  view.setUint32(position.maxTimestamp + 4, timeMs >>> 0)
  view.setUint32(position.crc, crc32c(batch, checkedFrom))
}

export function batchBytes(batch: StoredBatch): Uint8Array {
  return batch.segment.subarray(batch.start, batch.end)
}
