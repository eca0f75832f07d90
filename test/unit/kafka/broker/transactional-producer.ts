/** A transactional producer of either protocol, as tests of the broker need one. */
import {
  addPartitionsToTxn,
  endTxn,
  initProducerId,
} from '../../../../src/kafka/protocol/messages/index.ts'
import { batchOf, type BrokerBench } from './broker-bench.ts'
import { write } from './records.ts'

export class TransactionalProducer {
  readonly #bench: BrokerBench
  readonly id: string
  readonly #protocol: 1 | 2
  readonly #sequences = new Map<string, number>()
  readonly #added = new Set<string>()
  producerId = -1
  epoch = -1

  constructor(bench: BrokerBench, id: string, protocol: 1 | 2 = 2) {
    this.#bench = bench
    this.id = id
    this.#protocol = protocol
  }

  /** The error code of InitProducerId, asked again while it is CONCURRENT_TRANSACTIONS. */
  initialise(timeoutMs = 60_000): this {
    const message = { transactionalId: this.id, transactionTimeoutMs: timeoutMs }
    for (let tries = 0; tries < 3; tries++) {
      const answer = this.#bench.ask(initProducerId, 4, message).get()
      this.producerId = answer.producerId
      this.epoch = answer.producerEpoch
      if (answer.errorCode === 0) break
    }
    this.#forget()
    return this
  }

  /** The error code of a write of one batch. */
  send(topic: string, values: readonly string[], partition = 0): number {
    const place = `${topic}/${partition}`
    if (this.#protocol === 1 && !this.#added.has(place)) {
      const added = this.add(topic, partition)
      if (added !== 0) return added
      this.#added.add(place)
    }
    const baseSequence = this.#sequences.get(place) ?? 0
    const about = { producerId: this.producerId, producerEpoch: this.epoch, baseSequence }
    const records = batchOf(values, { ...about, isTransactional: true })
    const version = this.#protocol === 1 ? 9 : 12
    const options = { partition, version, transactionalId: this.id }
    const { errorCode } = write(this.#bench, topic, records, options)
    if (errorCode === 0) this.#sequences.set(place, baseSequence + values.length)
    return errorCode
  }

  add(topic: string, partition: number): number {
    const answer = this.#bench
      .ask(addPartitionsToTxn, 3, {
        v3AndBelowTransactionalId: this.id,
        v3AndBelowProducerId: this.producerId,
        v3AndBelowProducerEpoch: this.epoch,
        v3AndBelowTopics: [{ name: topic, partitions: [partition] }],
      })
      .get()
    return answer.resultsByTopicV3AndBelow[0]?.resultsByPartition[0]?.partitionErrorCode ?? -1
  }

  /** The error code of EndTxn; the epoch follows it. */
  end(committed: boolean): number {
    const answer = this.#askEnd(committed)
    if (answer.errorCode !== 0) return answer.errorCode
    this.#added.clear()
    if (this.#protocol === 1) return 0
    this.producerId = answer.producerId
    this.epoch = answer.producerEpoch
    this.#forget()
    return 0
  }

  /** The same EndTxn without taking its answer in: as if that were lost. */
  endUnheard(committed: boolean): number {
    return this.#askEnd(committed).errorCode
  }

  #askEnd(committed: boolean) {
    const { id: transactionalId, producerId, epoch: producerEpoch } = this
    const message = { transactionalId, producerId, producerEpoch, committed }
    return this.#bench.ask(endTxn, this.#protocol === 1 ? 3 : 5, message).get()
  }

  #forget(): void {
    this.#sequences.clear()
    this.#added.clear()
  }
}
