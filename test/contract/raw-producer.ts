/**
 * A transactional producer by bare requests (the older protocol), for rows that need logs which the
 * engine's own producer never writes: interleaved, aborted, left open.
 */
import { batchCompression } from '../../src/adapters/compression/index.ts'
import type { ClientContext } from '../../src/kafka/client/context.ts'
import { check } from '../../src/kafka/client/failure.ts'
import {
  addPartitionsToTxn,
  endTxn,
  initProducerId,
  produce,
} from '../../src/kafka/protocol/messages/index.ts'
import { type Codec, RecordBatchBuilder } from '../../src/kafka/protocol/record-batch/index.ts'
import { noHeaders } from '../../src/model/output.ts'

export interface RawRecord {
  readonly key: Uint8Array | null
  readonly value: string | null
}

const timeoutMs = 15_000
const none = new Uint8Array(0)
const { compress } = batchCompression()

/** One batch, written outside any transaction; answers with its base offset. */
export function writePlain(
  context: ClientContext,
  topic: string,
  records: readonly RawRecord[],
  codec?: Codec,
): Promise<number> {
  const builder = filled(records)
  const bytes =
    codec === undefined ? builder.finish({}) : builder.finishCompressed({}, codec, compress)
  return send(context, topic, null, bytes)
}

export class RawProducer {
  readonly #context: ClientContext
  readonly #transactionalId: string
  readonly #producerId: number
  readonly #producerEpoch: number
  #sequence = 0
  #topics = new Set<string>()

  private constructor(context: ClientContext, id: string, producerId: number, epoch: number) {
    this.#context = context
    this.#transactionalId = id
    this.#producerId = producerId
    this.#producerEpoch = epoch
  }

  static async open(context: ClientContext, transactionalId: string): Promise<RawProducer> {
    const answer = await coordinated(context, transactionalId, async (node) => {
      const message = { transactionalId, transactionTimeoutMs: 30_000 }
      const answer = await context.requests.send(initProducerId, { node, message, timeoutMs })
      check(answer.errorCode, 'initialising')
      return answer
    })
    return new RawProducer(context, transactionalId, answer.producerId, answer.producerEpoch)
  }

  /** One batch of the open transaction, on partition 0; answers with its base offset. */
  async write(topic: string, records: readonly RawRecord[]): Promise<number> {
    if (!this.#topics.has(topic)) await this.#addPartition(topic)
    const bytes = filled(records).finish({
      producerId: this.#producerId,
      producerEpoch: this.#producerEpoch,
      baseSequence: this.#sequence,
      isTransactional: true,
    })
    this.#sequence += records.length
    return send(this.#context, topic, this.#transactionalId, bytes)
  }

  async #addPartition(topic: string): Promise<void> {
    const transactionalId = this.#transactionalId
    await coordinated(this.#context, transactionalId, async (node) => {
      const answer = await this.#context.requests.send(addPartitionsToTxn, {
        node,
        max: 3,
        message: {
          v3AndBelowTransactionalId: transactionalId,
          v3AndBelowProducerId: this.#producerId,
          v3AndBelowProducerEpoch: this.#producerEpoch,
          v3AndBelowTopics: [{ name: topic, partitions: [0] }],
        },
        timeoutMs,
      })
      const [result] = answer.resultsByTopicV3AndBelow
      check(result?.resultsByPartition[0]?.partitionErrorCode ?? -1, 'adding a partition')
    })
    this.#topics.add(topic)
  }

  async end(how: 'commit' | 'abort'): Promise<void> {
    const transactionalId = this.#transactionalId
    await coordinated(this.#context, transactionalId, async (node) => {
      const answer = await this.#context.requests.send(endTxn, {
        node,
        max: 4,
        message: {
          transactionalId,
          producerId: this.#producerId,
          producerEpoch: this.#producerEpoch,
          committed: how === 'commit',
        },
        timeoutMs,
      })
      check(answer.errorCode, 'ending')
    })
    this.#topics = new Set()
  }
}

function coordinated<T>(
  { requests, coordinators }: ClientContext,
  transactionalId: string,
  ask: (node: Awaited<ReturnType<typeof coordinators.of>>) => Promise<T>,
): Promise<T> {
  const rules = { doing: 'a raw transaction', timeoutMs, backoffMs: 2, backoffMaxMs: 20 }
  return requests.retrying(rules, async () =>
    ask(await coordinators.of('transaction', transactionalId)),
  )
}

function filled(records: readonly RawRecord[]): RecordBatchBuilder {
  const builder = new RecordBatchBuilder(1 << 20)
  for (const { key, value } of records) {
    const bytes = value === null ? none : Buffer.from(value)
    builder.append(
      Date.now(),
      key ?? none,
      key === null ? -1 : 0,
      key?.length ?? -1,
      bytes,
      value === null ? -1 : 0,
      bytes.length,
      noHeaders,
    )
  }
  return builder
}

function send(
  { requests, metadata }: ClientContext,
  topic: string,
  transactionalId: string | null,
  records: Uint8Array,
): Promise<number> {
  const rules = { doing: 'a raw produce', timeoutMs, refresh: () => metadata.expire() }
  return requests.retrying(rules, async () => {
    const { node } = await metadata.leaderOf({ topic, partition: 0 })
    const answer = await requests.send(produce, {
      node,
      max: 11,
      message: {
        transactionalId,
        acks: -1,
        timeoutMs,
        topicData: [{ name: topic, partitionData: [{ index: 0, records }] }],
      },
      timeoutMs,
    })
    const result = answer.responses[0]?.partitionResponses[0]
    check(result?.errorCode ?? -1, 'producing', { topic }, result?.errorMessage ?? null)
    return result?.baseOffset ?? -1
  })
}
