import type { Header } from '../../model/record.ts'
import type { Serde } from '../../serde/serde.ts'
import type { RecordLog } from './record-log.ts'

/** How a topic's bytes are read and written. */
export interface TopicSerdes<K, V> {
  readonly key: Serde<K>
  readonly value: Serde<V>
}

/** A record to send; what is left out is null, without headers, and at the driver's wall clock. */
export interface InputRecord<K, V> {
  readonly key?: K | null
  readonly value?: V | null
  /** Milliseconds since 1970. */
  readonly timestamp?: number
  readonly headers?: readonly Header[]
}

/** A record that the topology wrote. */
export interface OutputRecord<K, V> {
  readonly key: K | null
  readonly value: V | null
  readonly timestamp: number
  readonly headers: readonly Header[]
}

/** A topic that the topology reads. */
export class TestInput<K, V> {
  readonly #log: RecordLog
  readonly #serdes: TopicSerdes<K, V>
  readonly #wallMs: () => number
  readonly #pump: () => void

  constructor(
    log: RecordLog,
    serdes: TopicSerdes<K, V>,
    driver: { readonly wallMs: () => number; readonly pump: () => void },
  ) {
    this.#log = log
    this.#serdes = serdes
    this.#wallMs = driver.wallMs
    this.#pump = driver.pump
  }

  /**
   * Sends records and has the topology process all that they lead to before it returns.
   * @throws StreamError what an operator with the error policy `fail` ends with
   */
  send(...records: readonly InputRecord<K, V>[]): void {
    for (const record of records) {
      this.#log.add({
        key: bytesOf(record.key, this.#serdes.key),
        value: bytesOf(record.value, this.#serdes.value),
        timestamp: record.timestamp ?? this.#wallMs(),
        headers: record.headers ?? [],
      })
    }
    this.#pump()
  }

  /** Sends bytes as they are: what a serde is to refuse. */
  sendBytes(record: InputRecord<Uint8Array, Uint8Array>): void {
    this.#log.add({
      key: record.key ?? null,
      value: record.value ?? null,
      timestamp: record.timestamp ?? this.#wallMs(),
      headers: record.headers ?? [],
    })
    this.#pump()
  }
}

/** A topic that the topology writes. */
export class TestOutput<K, V> {
  readonly #log: RecordLog
  readonly #serdes: TopicSerdes<K, V>
  #position = 0

  constructor(log: RecordLog, serdes: TopicSerdes<K, V>) {
    this.#log = log
    this.#serdes = serdes
  }

  /**
   * The records since the last call, those of the open epoch included. After a crash, records that
   * had not been committed are read again as the topology writes them again.
   */
  readAll(): readonly OutputRecord<K, V>[] {
    const records = this.#log.records.slice(this.#position)
    this.#position = this.#log.end
    return records.map(({ key, value, timestamp, headers }) => ({
      key: valueOf(key, this.#serdes.key),
      value: valueOf(value, this.#serdes.value),
      timestamp,
      headers,
    }))
  }

  /** As `readAll`, keys and values alone. */
  readKeyValues(): readonly (readonly [key: K | null, value: V | null])[] {
    return this.readAll().map(({ key, value }) => [key, value])
  }

  /** The log was cut back to this end. */
  rewind(end: number): void {
    this.#position = Math.min(this.#position, end)
  }
}

function bytesOf<T>(value: T | null | undefined, serde: Serde<T>): Uint8Array | null {
  return value === null || value === undefined ? null : serde.serialize(value)
}

function valueOf<T>(bytes: Uint8Array | null, serde: Serde<T>): T | null {
  return bytes === null ? null : serde.deserialize(bytes)
}
