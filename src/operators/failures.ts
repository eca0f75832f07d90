import { messageOf, StreamError } from '../model/errors.ts'
import type { TaskId } from '../model/ids.ts'
import type { Output, OutputPartition } from '../model/output.ts'
import type { Header } from '../model/record.ts'
import type { LossCounters } from './counters.ts'
import type { Slot } from './slot.ts'
import type { ErrorPolicy } from './spec.ts'
import type { TaskTurn } from './turn.ts'

export type FailureCode =
  | 'USER_FUNCTION_FAILED'
  | 'DESERIALIZATION_FAILED'
  | 'SERIALIZATION_FAILED'
  | 'INVALID_TIMESTAMP'
  | 'INVALID_PARTITION'
  | 'TOPIC_NOT_DECLARED'
  | 'RECORD_TOO_LARGE'

const advice: Record<FailureCode, string> = {
  USER_FUNCTION_FAILED: 'a function of the topology threw',
  DESERIALIZATION_FAILED: 'the serde refuses the bytes of a record',
  SERIALIZATION_FAILED: 'the serde cannot write a key or value',
  INVALID_TIMESTAMP: 'a record has no valid timestamp',
  INVALID_PARTITION: 'a partitioner named a partition that the topic does not have',
  TOPIC_NOT_DECLARED: 'a sink chose a topic that it does not declare',
  RECORD_TOO_LARGE: 'a record is larger than a batch may be',
}

/** What the steps of a task share. */
export interface TaskScope {
  readonly task: TaskId
  readonly output: Output
  readonly counters: LossCounters
  readonly turn: TaskTurn
}

/**
 * The error policy of one operator. `skip` and `dead-letter` end the call of this operator alone,
 * as Kafka Streams' processing handler does (KIP-1033): what operators before it or other branches
 * did with the record stays.
 */
export class Failures {
  readonly #scope: TaskScope
  readonly #node: string
  readonly #policy: ErrorPolicy

  constructor(scope: TaskScope, node: string, policy: ErrorPolicy) {
    this.#scope = scope
    this.#node = node
    this.#policy = policy
  }

  get fatal(): boolean {
    return this.#policy === 'fail'
  }

  /**
   * Follows the policy; returns where the record is to be left out.
   * @throws StreamError with the record's place under `fail`. The epoch must be rolled back then.
   */
  meet(code: FailureCode, record: Slot, cause: unknown): void {
    const policy = this.#policy
    if (policy === 'fail') throw this.#error(code, record, cause)
    if (policy === 'skip') {
      this.#scope.counters.skipped += 1
      return
    }
    this.#scope.counters.deadLettered += 1
    this.#bury(policy.deadLetter, code, record, cause)
  }

  #error(code: FailureCode, record: Slot, cause: unknown): StreamError {
    const message =
      `${advice[code]}: ${messageOf(cause)}. ` +
      "Correct it, or give the operator onError 'skip' or a dead-letter topic"
    const { topic, partition, offset } = record
    const where = { task: this.#scope.task, node: this.#node, topic, partition, offset }
    return new StreamError(code, message, { domain: 'user', recovery: 'fatal', where, cause })
  }

  /** The source record as it was read, to the same partition number as far as the topic has it. */
  #bury(topic: string, code: FailureCode, record: Slot, cause: unknown): void {
    const { output } = this.#scope
    const partition = record.partition % output.partitionsOf(topic)
    const headers = [...record.headers, ...this.#errorHeaders(code, record, cause)]
    const { batch, index } = record.origin
    if (batch === undefined) {
      this.#buryEmitted(output.open(topic, partition), record, headers)
      return
    }
    output
      .open(topic, partition)
      .append(
        batch.timestamps[index] ?? record.timestamp,
        batch.bytes,
        batch.keyStarts[index] ?? -1,
        batch.keyEnds[index] ?? -1,
        batch.bytes,
        batch.valueStarts[index] ?? -1,
        batch.valueEnds[index] ?? -1,
        headers,
      )
  }

  /** A record that was emitted at a cut has no source record: what has bytes is kept of it. */
  #buryEmitted(grave: OutputPartition, record: Slot, headers: readonly Header[]): void {
    grave.append(
      record.timestamp,
      record.keyBytes,
      record.keyHasBytes ? record.keyStart : -1,
      record.keyEnd,
      record.valueBytes,
      record.valueHasBytes ? record.valueStart : -1,
      record.valueEnd,
      headers,
    )
  }

  #errorHeaders(code: FailureCode, record: Slot, cause: unknown): readonly Header[] {
    return [
      header('code', code),
      header('exception', cause instanceof Error ? cause.name : typeof cause),
      header('message', messageOf(cause)),
      header('node', this.#node),
      header('topic', record.topic),
      header('partition', `${record.partition}`),
      header('offset', `${record.offset}`),
    ]
  }
}

const encoder = new TextEncoder()

function header(name: string, text: string): Header {
  return { key: `__millrace.errors.${name}`, value: encoder.encode(text) }
}
