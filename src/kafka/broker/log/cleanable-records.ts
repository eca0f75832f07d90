/**
 * The records of a batch as compaction looks at them: where each is, its key, and what it may drop.
 */
import { writeBatchHeader } from '../../protocol/record-batch/batch-builder.ts'
import type { Decompress } from '../../protocol/record-batch/compression.ts'
import { position } from '../../protocol/record-batch/layout.ts'
import { recordBytes } from '../../protocol/record-batch/record-decoder.ts'
import { VarintReader } from '../../protocol/record-batch/varint-reader.ts'
import { batchBytes, type StoredBatch } from './stored-batch.ts'

export interface CleanableRecords {
  readonly bytes: Uint8Array
  readonly starts: readonly number[]
  readonly ends: readonly number[]
  readonly offsets: readonly number[]
  /** One character a byte; undefined for a null key. */
  readonly keys: readonly (string | undefined)[]
  readonly tombstones: readonly boolean[]
}

/**
 * Undefined where the batch cannot be looked into: compressed with nothing to open it, or with
 * content that does not follow the format, which a checksum does not tell.
 */
export function readCleanableRecords(
  batch: StoredBatch,
  decompress: Decompress | undefined,
): CleanableRecords | undefined {
  if (batch.header.compression !== 'none' && decompress === undefined) return undefined
  try {
    return readRecords(batch, decompress)
  } catch {
    return undefined
  }
}

function readRecords(batch: StoredBatch, decompress: Decompress | undefined): CleanableRecords {
  const header = { ...batch.header, start: 0 }
  const open = decompress ?? ((_codec, bytes) => bytes)
  const [bytes, start] = recordBytes(batchBytes(batch), header, open)
  const found = emptyRecords(bytes)
  const reader = new VarintReader(bytes, start)
  for (let left = header.count; left > 0; left--) {
    found.starts.push(reader.at)
    const size = reader.int32()
    const end = reader.at + size
    reader.at++ // attributes: none are defined
    reader.int64()
    found.offsets.push(header.baseOffset + reader.int32())
    const keySize = reader.int32()
    found.keys.push(keySize < 0 ? undefined : textOf(bytes, reader.at, reader.at + keySize))
    if (keySize > 0) reader.at += keySize
    found.tombstones.push(reader.int32() < 0)
    found.ends.push(end)
    reader.at = end
  }
  return found
}

function emptyRecords(bytes: Uint8Array) {
  const starts: number[] = []
  const ends: number[] = []
  const offsets: number[] = []
  const keys: (string | undefined)[] = []
  const tombstones: boolean[] = []
  return { bytes, starts, ends, offsets, keys, tombstones }
}

const charactersAtOnce = 4096

function textOf(bytes: Uint8Array, start: number, end: number): string {
  let text = ''
  for (let at = start; at < end; at += charactersAtOnce) {
    text += String.fromCharCode(...bytes.subarray(at, Math.min(end, at + charactersAtOnce)))
  }
  return text
}

/**
 * The batch with the records that stay, as they were: their deltas count from a base offset and
 * timestamp that do not change. Uncompressed, which readers take as well.
 */
export function rewriteBatch(
  batch: StoredBatch,
  records: CleanableRecords,
  stays: readonly boolean[],
): StoredBatch {
  const { header } = batch
  const size = records.starts.reduce(
    (sum, start, i) => (stays[i] === true ? sum + (records.ends[i] ?? start) - start : sum),
    position.records,
  )
  const bytes = new Uint8Array(size)
  let at: number = position.records
  records.starts.forEach((start, i) => {
    if (stays[i] !== true) return
    bytes.set(records.bytes.subarray(start, records.ends[i]), at)
    at += (records.ends[i] ?? start) - start
  })
  const count = stays.filter(Boolean).length
  writeBatchHeader(bytes, size, {
    ...header,
    compression: 'none',
    count,
    lastOffsetDelta: header.lastOffset - header.baseOffset,
    logAppendTime: header.timestampType === 'log-append-time',
  })
  const rewritten = { ...header, compression: 'none' as const, count, sizeBytes: size }
  return { ...batch, segment: bytes, start: 0, end: size, header: rewritten }
}
