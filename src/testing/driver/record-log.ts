import type { OutputPartition } from '../../model/output.ts'
import type { Header, RecordBatch } from '../../model/record.ts'

/** A record as a topic has it. */
export interface LogRecord {
  readonly offset: number
  readonly timestamp: number
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly headers: readonly Header[]
}

/** One partition of a topic in memory: written as tasks write, read as batches. */
export class RecordLog implements OutputPartition {
  readonly #records: LogRecord[] = []

  get records(): readonly LogRecord[] {
    return this.#records
  }

  get end(): number {
    return this.#records.length
  }

  append(
    timestamp: number,
    key: Uint8Array,
    keyStart: number,
    keyEnd: number,
    value: Uint8Array,
    valueStart: number,
    valueEnd: number,
    headers: readonly Header[],
  ): void {
    this.add({
      timestamp,
      key: keyStart < 0 ? null : key.slice(keyStart, keyEnd),
      value: valueStart < 0 ? null : value.slice(valueStart, valueEnd),
      headers,
    })
  }

  add(record: Omit<LogRecord, 'offset'>): void {
    this.#records.push({ ...record, offset: this.#records.length })
  }

  /** Drops what was written from an offset on, as an aborted transaction does for its readers. */
  truncate(offset: number): void {
    this.#records.length = Math.min(offset, this.#records.length)
  }

  /** The records from an offset on as one batch, as a fetch would bring it. */
  read(offset: number): RecordBatch {
    return batchOf(this.#records.slice(offset), offset)
  }
}

/** Lays records out as a decoded batch. */
export function batchOf(records: readonly LogRecord[], baseOffset: number): RecordBatch {
  const size = records.reduce(
    (sum, { key, value }) => sum + (key?.length ?? 0) + (value?.length ?? 0),
    0,
  )
  const count = records.length
  const batch = {
    bytes: new Uint8Array(size),
    count,
    baseOffset,
    lastOffset: records.at(-1)?.offset ?? baseOffset,
    leaderEpoch: 0,
    offsets: Float64Array.from(records, ({ offset }) => offset),
    timestamps: Float64Array.from(records, ({ timestamp }) => timestamp),
    keyStarts: new Int32Array(count).fill(-1),
    keyEnds: new Int32Array(count).fill(-1),
    valueStarts: new Int32Array(count).fill(-1),
    valueEnds: new Int32Array(count).fill(-1),
    headerStarts: Int32Array.from(records, ({ headers }) => (headers.length > 0 ? 0 : -1)),
    headers: (index: number) => records[index]?.headers ?? [],
  }
  let at = 0
  const put = (bytes: Uint8Array | null, starts: Int32Array, ends: Int32Array, index: number) => {
    if (bytes === null) return
    batch.bytes.set(bytes, at)
    starts[index] = at
    at += bytes.length
    ends[index] = at
  }
  records.forEach(({ key, value }, index) => {
    put(key, batch.keyStarts, batch.keyEnds, index)
    put(value, batch.valueStarts, batch.valueEnds, index)
  })
  return batch
}
