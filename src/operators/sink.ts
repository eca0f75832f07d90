import { StreamError } from '../model/errors.ts'
import { murmur2, partitionOfHash } from '../model/murmur2.ts'
import { noHeaders, type OutputPartition } from '../model/output.ts'
import type { Header } from '../model/record.ts'
import { watermarkHeader } from '../time/watermark-record.ts'
import { Encoded } from './encoded.ts'
import type { Failures, TaskScope } from './failures.ts'
import type { Slot } from './slot.ts'
import type { SinkSpec } from './spec.ts'
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
  readonly #output: TaskScope['output']
  readonly #failures: Failures
  readonly #partitions: number
  readonly #handles: (OutputPartition | undefined)[]
  readonly #key: Encoded
  readonly #value: Encoded
  readonly #suffixBytes: number
  #roundRobin = 0

  constructor(options: SinkOptions, scope: TaskScope, failures: Failures) {
    this.#options = options
    this.#output = scope.output
    this.#failures = failures
    this.#partitions = scope.output.partitionsOf(options.spec.topic)
    this.#handles = Array.from({ length: this.#partitions }, () => undefined)
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
    if (this.#options.spec.everywhere === true) {
      for (let each = 0; each < this.#partitions; each += 1) this.#append(record, each)
      return
    }
    const partition = this.#partitionFor(record)
    if (partition >= 0) this.#append(record, partition)
  }

  #append(record: Slot, partition: number): void {
    const key = this.#key
    const value = this.#value
    const handle = this.#handles[partition] ?? this.#open(partition)
    const headers = this.#options.repartition ? dataHeaders(record.headers) : record.headers
    try {
      handle.append(
        record.timestamp,
        key.bytes,
        key.start,
        key.end,
        value.bytes,
        value.start,
        value.end,
        headers,
      )
    } catch (cause) {
      if (!(cause instanceof StreamError) || cause.code !== 'RECORD_TOO_LARGE') throw cause
      this.#failures.meet('RECORD_TOO_LARGE', record, cause)
    }
  }

  #markValue(record: Slot): void {
    const present = record.valueIsNull ? -1 : 0
    this.#value.bytes = noBytes
    this.#value.start = present
    this.#value.end = present
  }

  /** −1 when the record is left out. */
  #partitionFor(record: Slot): number {
    const { partitioner } = this.#options.spec
    if (partitioner !== undefined) return this.#ask(partitioner, record)
    if (this.#key.start >= 0) return partitionOfHash(this.#hashOf(this.#key), this.#partitions)
    this.#roundRobin = (this.#roundRobin + 1) % this.#partitions
    return this.#roundRobin
  }

  #hashOf({ bytes, start, end, hash }: Encoded): number {
    const suffix = this.#suffixBytes
    return suffix === 0 ? hash : murmur2(bytes, start, Math.max(start, end - suffix))
  }

  #ask(partitioner: NonNullable<SinkSpec['partitioner']>, record: Slot): number {
    let partition: number
    try {
      partition = partitioner(record.value(), record.key(), this.#partitions)
    } catch (cause) {
      this.#failures.meet('USER_FUNCTION_FAILED', record, cause)
      return -1
    }
    if (Number.isInteger(partition) && partition >= 0 && partition < this.#partitions) {
      return partition
    }
    const { topic } = this.#options.spec
    const found = `partition ${partition} of ${topic}, which has ${this.#partitions}`
    this.#failures.meet('INVALID_PARTITION', record, new RangeError(found))
    return -1
  }

  #open(partition: number): OutputPartition {
    const handle = this.#output.open(this.#options.spec.topic, partition)
    this.#handles[partition] = handle
    return handle
  }
}

/** A header of a user's record must not make it a watermark. */
function dataHeaders(headers: readonly Header[]): readonly Header[] {
  if (headers.length === 0) return noHeaders
  return headers.filter(({ key }) => key !== watermarkHeader)
}
