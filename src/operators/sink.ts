import { StreamError } from '../model/errors.ts'
import { murmur2, partitionOfHash } from '../model/murmur2.ts'
import { noHeaders } from '../model/output.ts'
import type { Header } from '../model/record.ts'
import { watermarkHeader } from '../time/watermark-record.ts'
import type { LossCounters } from './counters.ts'
import { Encoded } from './encoded.ts'
import type { Failures, TaskScope } from './failures.ts'
import type { Slot } from './slot.ts'
import { SinkTopic } from './sink-topic.ts'
import type { Partitioner, Partitions, SinkSpec } from './spec.ts'
import type { Step } from './step.ts'

export interface SinkOptions {
  readonly spec: SinkSpec
  /**
   * False: an empty value stands for each value, so that a null value stays null; nobody downstream
   * reads values.
   */
  readonly carriesValue: boolean
  readonly repartition: boolean
}

const noBytes = new Uint8Array(0)

/**
 * Writes records to a topic. Key and value that came as bytes of the same serde leave as these
 * bytes.
 */
export class SinkStep implements Step {
  readonly #options: SinkOptions
  readonly #failures: Failures
  readonly #counters: LossCounters
  readonly #topics: readonly SinkTopic[]
  readonly #key: Encoded
  readonly #value: Encoded
  readonly #suffixBytes: number

  constructor(options: SinkOptions, scope: TaskScope, failures: Failures) {
    this.#options = options
    this.#failures = failures
    this.#counters = scope.counters
    this.#topics = options.spec.topics.map((topic) => new SinkTopic(topic, scope.output))
    this.#key = new Encoded(options.spec.key)
    this.#value = new Encoded(options.spec.value)
    this.#suffixBytes = options.spec.key.keySuffixBytes ?? 0
  }

  process(record: Slot): void {
    const key = this.#key
    const value = this.#value
    try {
      key.takeKey(record)
      if (this.#options.carriesValue) value.takeValue(record)
      else this.#markValue(record)
    } catch (cause) {
      this.#failures.meet('SERIALIZATION_FAILED', record, cause)
      return
    }
    const topic = this.#topicFor(record)
    if (topic === undefined) return
    const headers = this.#headersOf(record)
    if (headers === undefined) return
    const { partitioner, everywhere } = this.#options.spec
    if (everywhere === true) this.#appendToAll(record, topic, headers)
    else if (partitioner === undefined) this.#append(record, topic, this.#byKey(topic), headers)
    else this.#appendAsAsked(partitioner, record, topic, headers)
  }

  /** @returns False when the record is too large: for any other partition, too. */
  #append(record: Slot, topic: SinkTopic, partition: number, headers: readonly Header[]): boolean {
    const key = this.#key
    const value = this.#value
    const { timestamp } = record
    const handle = topic.at(partition)
    try {
      handle.append(
        timestamp,
        key.bytes,
        key.start,
        key.end,
        value.bytes,
        value.start,
        value.end,
        headers,
      )
      return true
    } catch (cause) {
      if (!(cause instanceof StreamError) || cause.code !== 'RECORD_TOO_LARGE') throw cause
      this.#failures.meet('RECORD_TOO_LARGE', record, cause)
      return false
    }
  }

  #appendToAll(record: Slot, topic: SinkTopic, headers: readonly Header[]): void {
    for (let each = 0; each < topic.partitions; each += 1) {
      if (!this.#append(record, topic, each, headers)) return
    }
  }

  #appendAsAsked(
    partitioner: Partitioner,
    record: Slot,
    topic: SinkTopic,
    headers: readonly Header[],
  ): void {
    let asked: Partitions
    try {
      asked = partitioner(record.value(), record.key(), topic.partitions)
    } catch (cause) {
      this.#failures.meet('USER_FUNCTION_FAILED', record, cause)
      return
    }
    if (typeof asked === 'number') {
      if (topic.has(asked)) this.#append(record, topic, asked, headers)
      else this.#refuse(record, topic, asked)
    } else if (asked === undefined) this.#append(record, topic, this.#byKey(topic), headers)
    else this.#appendToEach(asked, record, topic, headers)
  }

  /** Nothing is written before all are known to be there. */
  #appendToEach(
    asked: readonly number[],
    record: Slot,
    topic: SinkTopic,
    headers: readonly Header[],
  ): void {
    if (!Array.isArray(asked) || this.#options.repartition) {
      this.#refuse(record, topic, asked)
      return
    }
    const wrong = asked.find((partition) => !topic.has(partition))
    if (wrong !== undefined) {
      this.#refuse(record, topic, wrong)
      return
    }
    if (asked.length === 0) this.#counters.dropped += 1
    for (const partition of new Set(asked)) {
      if (!this.#append(record, topic, partition, headers)) return
    }
  }

  #refuse(record: Slot, { name, partitions }: SinkTopic, asked: unknown): void {
    const found = `partition ${JSON.stringify(asked)} of ${name}, which has ${partitions}`
    this.#failures.meet('INVALID_PARTITION', record, new RangeError(found))
  }

  #markValue(record: Slot): void {
    const present = record.valueIsNull ? -1 : 0
    this.#value.bytes = noBytes
    this.#value.start = present
    this.#value.end = present
  }

  /** Undefined when the record is left out. */
  #topicFor(record: Slot): SinkTopic | undefined {
    const { choose, topics } = this.#options.spec
    if (choose === undefined) return this.#topics[0]
    let chosen: string
    try {
      chosen = choose(record.value(), record.key(), record)
    } catch (cause) {
      this.#failures.meet('USER_FUNCTION_FAILED', record, cause)
      return undefined
    }
    const found = this.#topics[topics.indexOf(chosen)]
    if (found !== undefined) return found
    const told = `${JSON.stringify(chosen)} is none of ${topics.join(', ')}`
    this.#failures.meet('TOPIC_NOT_DECLARED', record, new RangeError(told))
    return undefined
  }

  /** Undefined when the record is left out. */
  #headersOf(record: Slot): readonly Header[] | undefined {
    const { headers } = this.#options.spec
    if (headers === undefined) {
      return this.#options.repartition ? dataHeaders(record.headers) : record.headers
    }
    try {
      const own = headers(record.value(), record.key(), record)
      if (Array.isArray(own)) return own
      throw new TypeError(`it answered ${typeof own} where a list of headers is wanted`)
    } catch (cause) {
      this.#failures.meet('USER_FUNCTION_FAILED', record, cause)
      return undefined
    }
  }

  #byKey(topic: SinkTopic): number {
    const { bytes, start, end, hash } = this.#key
    if (start < 0) return topic.roundRobin()
    const suffix = this.#suffixBytes
    const own = suffix === 0 ? hash : murmur2(bytes, start, Math.max(start, end - suffix))
    return partitionOfHash(own, topic.partitions)
  }
}

/** A header of a user's record must not make it a watermark. */
function dataHeaders(headers: readonly Header[]): readonly Header[] {
  if (headers.length === 0) return noHeaders
  return headers.filter(({ key }) => key !== watermarkHeader)
}
