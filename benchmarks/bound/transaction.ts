/**
 * One transaction after the other (KIP-890, protocol 2): Produce and TxnOffsetCommit on one socket,
 * then EndTxn. Any error ends the loop: it is a limit to compare with, not a product.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import {
  decodeResponse,
  type EncodedRequest,
  encodeRequest,
} from '../../src/kafka/protocol/codec.ts'
import {
  endTxn,
  initProducerId,
  produce,
  txnOffsetCommit,
} from '../../src/kafka/protocol/messages/index.ts'
import { Reader } from '../../src/kafka/protocol/reader.ts'
import type { BrokerSocket } from './broker-socket.ts'
import type { Memory } from './memory.ts'
import { type Batch, stampBatch } from './outgoing.ts'

const versions = { initProducerId: 4, produce: 12, txnOffsetCommit: 5, endTxn: 5 } as const
const acknowledgeAll = -1
const timeoutMs = 30_000
/**
 * The broker holds the first Produce back while it writes the markers of the transaction before
 * (about 21 ms, where it comes at once): a little patience is faster.
 */
const restMs = 5
/**
 * CONCURRENT_TRANSACTIONS, and what a new topic's leader answers before it knows that it is one.
 */
const repeated: readonly number[] = [51, 3, 5, 6]
const retryMs = 2
/** On a fresh cluster: COORDINATOR_LOAD_IN_PROGRESS, _NOT_AVAILABLE, NOT_COORDINATOR. */
const coordinatorComes = [14, 15, 16]
const patienceMs = 20

export class Transactions {
  readonly #socket: BrokerSocket
  readonly #memory: Memory
  readonly #id: string
  #producerId = -1
  #producerEpoch = -1
  readonly #sequences = new Map<string, number>()
  /** Produce requests that are not answered, or were refused. */
  readonly #answers = new Set<Promise<void>>()
  /** The first Produce of the transaction. */
  #opening: Promise<void> | undefined
  #isOpen = false

  constructor(socket: BrokerSocket, memory: Memory, id: string) {
    this.#socket = socket
    this.#memory = memory
    this.#id = id
  }

  async begin(): Promise<void> {
    const request = encodeRequest(initProducerId, versions.initProducerId, {
      transactionalId: this.#id,
      transactionTimeoutMs: timeoutMs,
    })
    while (true) {
      const reader = new Reader(await this.#socket.send(request))
      const answer = decodeResponse(initProducerId, versions.initProducerId, reader)
      if (!coordinatorComes.includes(answer.errorCode)) {
        accept('InitProducerId', answer.errorCode)
        return this.#take(answer.producerId, answer.producerEpoch)
      }
      await sleep(patienceMs)
    }
  }

  /** Sends batches of different partitions in one request. */
  send(batches: readonly Batch[]): void {
    // A transactional batch without producer id would be visible at once.
    if (this.#producerId < 0 || batches.length === 0) throw new Error('nothing to send')
    const topicData = batches.map((batch) => ({
      name: batch.topic,
      partitionData: [{ index: batch.partition, records: this.#stamp(batch) }],
    }))
    const request = encodeRequest(produce, versions.produce, {
      transactionalId: this.#id,
      acks: acknowledgeAll,
      timeoutMs,
      topicData: grouped(topicData),
    })
    const answered: Promise<void> = this.#produce(request).then(() => {
      for (const { start } of batches) this.#memory.giveBatch(start)
      this.#answers.delete(answered)
    })
    answered.catch(() => undefined)
    this.#answers.add(answered)
  }

  /**
   * The first request of a transaction goes alone, because it may have to be repeated: until the
   * markers of the one before are written. Those that follow go out in the order of the calls.
   */
  async #produce(request: EncodedRequest): Promise<void> {
    if (this.#opening === undefined) {
      this.#opening = this.#open(request)
      return this.#opening
    }
    if (!this.#isOpen) await this.#opening
    const code = worstCode(await this.#socket.send(request))
    accept('Produce', code)
  }

  async #open(request: EncodedRequest): Promise<void> {
    for (;;) {
      const code = worstCode(await this.#socket.send(request))
      if (!repeated.includes(code)) {
        accept('Produce', code)
        this.#isOpen = true
        return
      }
      await sleep(retryMs)
    }
  }

  /** When the broker has taken the next of the batches that were sent. */
  async answer(): Promise<void> {
    await Promise.race(this.#answers)
  }

  /** Commits what was sent with the positions. */
  async commit(group: string, topic: string, positions: ReadonlyMap<number, number>) {
    const request = encodeRequest(txnOffsetCommit, versions.txnOffsetCommit, {
      transactionalId: this.#id,
      groupId: group,
      producerId: this.#producerId,
      producerEpoch: this.#producerEpoch,
      topics: [
        {
          name: topic,
          partitions: Array.from(positions, ([partitionIndex, committedOffset]) => ({
            partitionIndex,
            committedOffset,
            committedMetadata: '',
          })),
        },
      ],
    })
    await this.#opening
    const offsets = this.#socket.send(request).then((body) => {
      const answer = decodeResponse(txnOffsetCommit, versions.txnOffsetCommit, new Reader(body))
      for (const { partitions } of answer.topics) {
        for (const { errorCode } of partitions) accept('TxnOffsetCommit', errorCode)
      }
    })
    await Promise.all([offsets, ...this.#answers])
    await this.#end()
    await sleep(restMs)
  }

  async #end(): Promise<void> {
    const request = encodeRequest(endTxn, versions.endTxn, {
      transactionalId: this.#id,
      producerId: this.#producerId,
      producerEpoch: this.#producerEpoch,
      committed: true,
    })
    const reader = new Reader(await this.#socket.send(request))
    const answer = decodeResponse(endTxn, versions.endTxn, reader)
    accept('EndTxn', answer.errorCode)
    this.#take(answer.producerId, answer.producerEpoch)
  }

  #take(producerId: number, producerEpoch: number): void {
    if (producerId < 0) throw new Error('the broker has no transactions of protocol 2 (KIP-890)')
    this.#producerId = producerId
    this.#producerEpoch = producerEpoch
    this.#sequences.clear()
    this.#opening = undefined
    this.#isOpen = false
  }

  #stamp(batch: Batch): Uint8Array {
    const name = `${batch.topic}-${batch.partition}`
    const sequence = this.#sequences.get(name) ?? 0
    this.#sequences.set(name, sequence + batch.count)
    return stampBatch(this.#memory, batch, {
      producerId: this.#producerId,
      producerEpoch: this.#producerEpoch,
      sequence,
    })
  }
}

/** 0 when all partitions took their batch. */
function worstCode(body: Uint8Array): number {
  const { responses } = decodeResponse(produce, versions.produce, new Reader(body))
  const codes = responses.flatMap(({ partitionResponses }) =>
    partitionResponses.map(({ errorCode }) => errorCode),
  )
  return codes.find((code) => code !== 0) ?? 0
}

interface TopicData {
  readonly name: string
  readonly partitionData: readonly { readonly index: number; readonly records: Uint8Array }[]
}

function grouped(topics: readonly TopicData[]): TopicData[] {
  return Array.from(
    Map.groupBy(topics, ({ name }) => name),
    ([name, same]) => ({ name, partitionData: same.flatMap(({ partitionData }) => partitionData) }),
  )
}

/** @throws Error with the broker's error code. */
export function accept(api: string, errorCode: number): void {
  if (errorCode !== 0) throw new Error(`${api} answered error ${errorCode}`)
}
