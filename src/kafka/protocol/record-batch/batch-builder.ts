/**
 * Encodes records as they are emitted; the header is written last, when producer epoch and
 * sequence are known.
 */
import { noHeaders } from '../../../model/output.ts'
import type { Header } from '../../../model/record.ts'
import { Writer } from '../writer.ts'
import { ByteCopier } from './byte-copier.ts'
import { type Codec, type Compress, type Compression, compressionCode } from './compression.ts'
import { crc32c } from './crc32c.ts'
import {
  attribute,
  checkedFrom,
  frameBytes,
  magicVersion,
  noProducerEpoch,
  noProducerId,
  noSequence,
  noTimestamp,
  position,
} from './layout.ts'
import { varintBytes, varlongBytes, writeVarint, writeVarlong } from './varint-writer.ts'

/**
 * What a batch says of itself beside its records. Defaults: not idempotent, not transactional, not
 * control.
 */
export interface BatchTrailer {
  readonly producerId?: number
  readonly producerEpoch?: number
  readonly baseSequence?: number
  readonly isTransactional?: boolean
  readonly isControl?: boolean
  /** Default 0: producers leave offsets to the broker. */
  readonly baseOffset?: number
  readonly leaderEpoch?: number
}

const initialBytes = 4096

/**
 * One batch at a time, in memory that is kept for the next one. Timestamp deltas count from the
 * first record, so nothing has to be corrected when the batch ends; they may be negative.
 */
export class RecordBatchBuilder {
  /** Uncompressed bytes that `append` does not pass. */
  readonly bytesMax: number
  #bytes = new Uint8Array(initialBytes)
  /** One for keys and one for values: each often comes from one buffer, and not the same. */
  #keyCopier = new ByteCopier(this.#bytes)
  #valueCopier = new ByteCopier(this.#bytes)
  #position: number = position.records
  #count = 0
  #baseTimestamp = noTimestamp
  #maxTimestamp = noTimestamp
  #packed: { readonly codec: Codec; readonly bytes: Uint8Array } | undefined

  constructor(bytesMax: number) {
    this.bytesMax = bytesMax
  }

  get count(): number {
    return this.#count
  }

  /** Uncompressed bytes of the batch so far, its header included. */
  get sizeBytes(): number {
    return this.#position
  }

  /** Milliseconds; −1 without records. */
  get maxTimestamp(): number {
    return this.#maxTimestamp
  }

  /**
   * Adds a record, unless the batch would pass `bytesMax`: then nothing changes and the answer is
   * false. A start of −1 stands for a null key or value. The bytes are copied.
   */
  append(
    timestamp: number,
    key: Uint8Array,
    keyStart: number,
    keyEnd: number,
    value: Uint8Array,
    valueStart: number,
    valueEnd: number,
    headers: readonly Header[],
  ): boolean {
    const delta = this.#count === 0 ? 0 : timestamp - this.#baseTimestamp
    const keySize = keyStart < 0 ? -1 : keyEnd - keyStart
    const valueSize = valueStart < 0 ? -1 : valueEnd - valueStart
    const encodedHeaders = headers === noHeaders ? undefined : encodeHeaders(headers)
    const size =
      (encodedHeaders === undefined ? 2 : 1 + encodedHeaders.length) +
      varlongBytes(delta) +
      varintBytes(this.#count) +
      varintBytes(keySize) +
      varintBytes(valueSize) +
      (keySize > 0 ? keySize : 0) +
      (valueSize > 0 ? valueSize : 0)
    const end = this.#position + varintBytes(size) + size
    if (end > this.bytesMax) return false
    if (end > this.#bytes.length) this.#grow(end)
    const bytes = this.#bytes
    let at = writeVarint(bytes, this.#position, size)
    bytes[at++] = 0
    at = writeVarlong(bytes, at, delta)
    at = writeVarint(bytes, at, this.#count)
    at = writeVarint(bytes, at, keySize)
    if (keySize > 0) this.#keyCopier.copy(key, keyStart, keyEnd, at)
    if (keySize > 0) at += keySize
    at = writeVarint(bytes, at, valueSize)
    if (valueSize > 0) this.#valueCopier.copy(value, valueStart, valueEnd, at)
    if (valueSize > 0) at += valueSize
    if (encodedHeaders === undefined) bytes[at] = 0
    else bytes.set(encodedHeaders, at)
    this.#position = end
    this.#added(timestamp)
    return true
  }

  #added(timestamp: number): void {
    if (this.#count === 0) this.#baseTimestamp = timestamp
    if (this.#count === 0 || timestamp > this.#maxTimestamp) this.#maxTimestamp = timestamp
    this.#count++
    this.#packed = undefined
  }

  #grow(bytesMin: number): void {
    const doubled = Math.min(this.#bytes.length * 2, Math.max(this.bytesMax, bytesMin))
    const grown = new Uint8Array(Math.max(doubled, bytesMin))
    grown.set(this.#bytes.subarray(0, this.#position))
    this.#bytes = grown
    this.#keyCopier = new ByteCopier(grown)
    this.#valueCopier = new ByteCopier(grown)
  }

  /**
   * The batch. May be asked again with another producer epoch or sequence; records are compressed
   * once. The bytes belong to the builder: they stay until `append`, `finish` or `reset`.
   */
  finish(trailer: BatchTrailer): Uint8Array {
    return this.#finish(this.#bytes, this.#position, 'none', trailer)
  }

  /** As `finish`, with compressed records. */
  finishCompressed(trailer: BatchTrailer, codec: Codec, compress: Compress): Uint8Array {
    if (this.#packed?.codec !== codec) {
      const packed = compress(codec, this.#bytes.subarray(position.records, this.#position))
      const bytes = new Uint8Array(position.records + packed.length)
      bytes.set(packed, position.records)
      this.#packed = { codec, bytes }
    }
    const { bytes } = this.#packed
    return this.#finish(bytes, bytes.length, codec, trailer)
  }

  #finish(
    bytes: Uint8Array,
    end: number,
    compression: Compression,
    trailer: BatchTrailer,
  ): Uint8Array {
    writeBatchHeader(bytes, end, {
      ...trailer,
      compression,
      count: this.#count,
      lastOffsetDelta: Math.max(0, this.#count - 1),
      baseTimestamp: this.#baseTimestamp,
      maxTimestamp: this.#maxTimestamp,
    })
    return bytes.subarray(0, end)
  }

  /** Empties the batch; its memory stays, up to `keepBytes` (default: all of it). */
  reset(keepBytes: number = Number.POSITIVE_INFINITY): void {
    this.#position = position.records
    this.#count = 0
    this.#baseTimestamp = noTimestamp
    this.#maxTimestamp = noTimestamp
    this.#packed = undefined
    this.#keyCopier.release()
    this.#valueCopier.release()
    if (this.#bytes.length <= keepBytes) return
    this.#bytes = new Uint8Array(initialBytes)
    this.#keyCopier = new ByteCopier(this.#bytes)
    this.#valueCopier = new ByteCopier(this.#bytes)
  }
}

interface HeaderFields extends BatchTrailer {
  readonly compression: Compression
  readonly count: number
  readonly lastOffsetDelta: number
  readonly baseTimestamp: number
  readonly maxTimestamp: number
  readonly logAppendTime?: boolean
}

/** Writes the header in front of records that are in place, and the checksum over all of it. */
export function writeBatchHeader(bytes: Uint8Array, end: number, fields: HeaderFields): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const attributes =
    compressionCode(fields.compression) |
    (fields.logAppendTime ? attribute.logAppendTime : 0) |
    (fields.isTransactional ? attribute.transactional : 0) |
    (fields.isControl ? attribute.control : 0)
  writeInt64(view, position.baseOffset, fields.baseOffset ?? 0)
  view.setInt32(position.length, end - frameBytes)
  view.setInt32(position.leaderEpoch, fields.leaderEpoch ?? -1)
  view.setInt8(position.magic, magicVersion)
  view.setInt16(position.attributes, attributes)
  view.setInt32(position.lastOffsetDelta, fields.lastOffsetDelta)
  writeInt64(view, position.baseTimestamp, fields.baseTimestamp)
  writeInt64(view, position.maxTimestamp, fields.maxTimestamp)
  writeInt64(view, position.producerId, fields.producerId ?? noProducerId)
  view.setInt16(position.producerEpoch, fields.producerEpoch ?? noProducerEpoch)
  view.setInt32(position.baseSequence, fields.baseSequence ?? noSequence)
  view.setInt32(position.count, fields.count)
  view.setUint32(position.crc, crc32c(bytes, checkedFrom, end))
}

/** Sets what a broker decides when it appends a batch; the checksum does not cover it. */
export function assignOffsets(batch: Uint8Array, baseOffset: number, leaderEpoch: number): void {
  const view = new DataView(batch.buffer, batch.byteOffset, batch.byteLength)
  writeInt64(view, position.baseOffset, baseOffset)
  view.setInt32(position.leaderEpoch, leaderEpoch)
}

function writeInt64(view: DataView, at: number, value: number): void {
  view.setInt32(at, Math.floor(value / 0x1_0000_0000))
  view.setUint32(at + 4, value >>> 0)
}

/** Count, then names and values; rare, so the bytes are built apart and copied. */
function encodeHeaders(headers: readonly Header[]): Uint8Array {
  const writer = new Writer()
  writer.uvarint(headers.length << 1)
  for (const { key, value } of headers) {
    const name = Writer.utf8(key)
    writer.uvarint(name.length << 1)
    writer.raw(name)
    writer.uvarint(value === null ? 1 : value.length << 1)
    if (value !== null) writer.raw(value)
  }
  return writer.bytes()
}
