/** Batches for tests. */
import { noHeaders } from '../../../../../src/model/output.ts'
import type { Header, RecordBatch } from '../../../../../src/model/record.ts'
import {
  type BatchTrailer,
  type Decompress,
  decodeBatch,
  readBatchHeaders,
  RecordBatchBuilder,
} from '../../../../../src/kafka/protocol/record-batch/index.ts'

export interface PlainRecord {
  readonly timestamp: number
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly headers?: readonly Header[]
}

export const bytesOf = (text: string | null) =>
  text === null ? null : new TextEncoder().encode(text)
export const textOf = (bytes: Uint8Array | null) =>
  bytes === null ? null : new TextDecoder().decode(bytes)

export function record(timestamp: number, key: string | null, value: string | null): PlainRecord {
  return { timestamp, key: bytesOf(key), value: bytesOf(value) }
}

const none = new Uint8Array(0)

export function append(builder: RecordBatchBuilder, one: PlainRecord): boolean {
  const key = one.key ?? none
  const value = one.value ?? none
  return builder.append(
    one.timestamp,
    key,
    one.key === null ? -1 : 0,
    key.length,
    value,
    one.value === null ? -1 : 0,
    value.length,
    one.headers ?? noHeaders,
  )
}

export function filled(records: readonly PlainRecord[]): RecordBatchBuilder {
  const builder = new RecordBatchBuilder(1 << 20)
  for (const one of records) append(builder, one)
  return builder
}

export function encoded(records: readonly PlainRecord[], trailer: BatchTrailer = {}): Uint8Array {
  return Uint8Array.from(filled(records).finish(trailer))
}

export const refuseCompressed: Decompress = (codec) => {
  throw new Error(`${codec} is not expected`)
}

/** All batches of a `records` field. */
export function decodeAll(bytes: Uint8Array, decompress = refuseCompressed): RecordBatch[] {
  return readBatchHeaders(bytes).map((header) => decodeBatch(bytes, header, decompress))
}

/** The records of a view as objects. */
export function recordsOf(batch: RecordBatch): PlainRecord[] {
  return Array.from({ length: batch.count }, (_, i) => {
    const headers = batch.headers(i)
    return {
      timestamp: batch.timestamps[i] ?? Number.NaN,
      key: slice(batch, batch.keyStarts[i] ?? -1, batch.keyEnds[i] ?? -1),
      value: slice(batch, batch.valueStarts[i] ?? -1, batch.valueEnds[i] ?? -1),
      ...(headers.length > 0 ? { headers } : {}),
    }
  })
}

function slice(batch: RecordBatch, start: number, end: number): Uint8Array | null {
  return start < 0 ? null : Uint8Array.from(batch.bytes.subarray(start, end))
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts))
}
