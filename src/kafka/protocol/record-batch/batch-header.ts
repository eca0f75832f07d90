/** Headers of the batches in a `records` field, without touching the records. */
import { MalformedMessage } from '../reader.ts'
import { type Compression, compressionOf } from './compression.ts'
import { crc32c } from './crc32c.ts'
import { attribute, checkedFrom, frameBytes, magicVersion, position } from './layout.ts'

export interface BatchHeader {
  /** Position of the batch's first byte, and its size with everything. */
  readonly start: number
  readonly sizeBytes: number
  readonly baseOffset: number
  /** Last offset that the batch covers, also where compaction has removed the record. */
  readonly lastOffset: number
  readonly leaderEpoch: number
  readonly crc: number
  readonly compression: Compression
  readonly timestampType: 'create-time' | 'log-append-time'
  readonly isTransactional: boolean
  readonly isControl: boolean
  /** Milliseconds; −1 where the batch has none. */
  readonly baseTimestamp: number
  readonly maxTimestamp: number
  /** −1: not idempotent. */
  readonly producerId: number
  readonly producerEpoch: number
  readonly baseSequence: number
  /** Records that are left, compaction considered. */
  readonly count: number
}

/**
 * The headers of all complete batches, in order. A batch that the bytes cut off at the end is left
 * out, because a broker ends a fetch answer anywhere.
 * @throws MalformedMessage for another format version or sizes that cannot be.
 */
export function readBatchHeaders(records: Uint8Array): BatchHeader[] {
  const view = new DataView(records.buffer, records.byteOffset, records.byteLength)
  const headers: BatchHeader[] = []
  let start = 0
  while (view.byteLength - start > position.magic) {
    const magic = view.getInt8(start + position.magic)
    if (magic !== magicVersion) {
      throw new MalformedMessage(
        `record batch with format version ${magic}: only version 2 is read, convert the topic`,
      )
    }
    const sizeBytes = frameBytes + view.getInt32(start + position.length)
    if (sizeBytes < position.records) throw new MalformedMessage(`batch of ${sizeBytes} bytes`)
    if (sizeBytes > view.byteLength - start) break
    headers.push(readHeader(view, start, sizeBytes))
    start += sizeBytes
  }
  return headers
}

function readHeader(view: DataView, start: number, sizeBytes: number): BatchHeader {
  const attributes = view.getInt16(start + position.attributes)
  const compression = compressionOf(attributes & attribute.compressionMask)
  if (compression === undefined) {
    throw new MalformedMessage(`unknown compression ${attributes & attribute.compressionMask}`)
  }
  const lastOffsetDelta = view.getInt32(start + position.lastOffsetDelta)
  const count = view.getInt32(start + position.count)
  if (lastOffsetDelta < 0 || count < 0 || count > lastOffsetDelta + 1) {
    throw new MalformedMessage(`batch of ${count} records up to offset delta ${lastOffsetDelta}`)
  }
  const baseOffset = int64(view, start + position.baseOffset)
  return {
    start,
    sizeBytes,
    baseOffset,
    lastOffset: baseOffset + lastOffsetDelta,
    leaderEpoch: view.getInt32(start + position.leaderEpoch),
    crc: view.getUint32(start + position.crc),
    compression,
    timestampType: attributes & attribute.logAppendTime ? 'log-append-time' : 'create-time',
    isTransactional: (attributes & attribute.transactional) !== 0,
    isControl: (attributes & attribute.control) !== 0,
    baseTimestamp: int64(view, start + position.baseTimestamp),
    maxTimestamp: int64(view, start + position.maxTimestamp),
    producerId: int64(view, start + position.producerId),
    producerEpoch: view.getInt16(start + position.producerEpoch),
    baseSequence: view.getInt32(start + position.baseSequence),
    count,
  }
}

function int64(view: DataView, at: number): number {
  return view.getInt32(at) * 0x1_0000_0000 + view.getUint32(at + 4)
}

/** Whether the bytes are those that were written. */
export function isIntact(records: Uint8Array, header: BatchHeader): boolean {
  const from = header.start + checkedFrom
  return crc32c(records, from, header.start + header.sizeBytes) === header.crc
}

/** @throws MalformedMessage when the checksum says that bytes have changed. */
export function checkIntact(records: Uint8Array, header: BatchHeader): void {
  if (isIntact(records, header)) return
  throw new MalformedMessage(
    `checksum of the batch at offset ${header.baseOffset} does not fit its bytes`,
  )
}
