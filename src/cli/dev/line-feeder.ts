/**
 * Writes lines as records into a source topic: what has gathered while one transaction commits is
 * the next.
 */
import type { Env } from '../../env/port.ts'
import type { GroupIdentity, KafkaClient, TransactionalProducer } from '../../kafka/client/port.ts'
import { generation } from '../../model/ids.ts'
import { murmur2, partitionOfHash } from '../../model/murmur2.ts'
import { noHeaders } from '../../model/output.ts'
import type { LineRecord } from './lines.ts'

/** Only lines are written, no positions: no group is asked for. */
const noGroup: GroupIdentity = {
  groupId: '',
  memberId: '',
  instanceId: null,
  generation: generation(-1),
}
const bytesMax = 1024 * 1024

export class LineFeeder {
  readonly #producer: TransactionalProducer
  readonly #clock: Env['clock']
  readonly #topic: string
  readonly #partitions: number
  #next = 0
  #flushing: Promise<void> | undefined

  private constructor(
    producer: TransactionalProducer,
    clock: Env['clock'],
    topic: string,
    partitions: number,
  ) {
    this.#producer = producer
    this.#clock = clock
    this.#topic = topic
    this.#partitions = partitions
  }

  static async open(client: KafkaClient, env: Env, topic: string): Promise<LineFeeder> {
    const found = await client.admin.describeTopics([topic])
    const producer = client.producer({
      transactionalId: 'millrace-dev-input',
      groupId: null,
      transactionTimeoutMs: 10_000,
      deliveryTimeoutMs: 10_000,
      compression: 'none',
      batchBytesMax: bytesMax,
    })
    const opened = await producer.initialise()
    if (opened.kind !== 'ok') throw opened.error
    return new LineFeeder(producer, env.clock, topic, found.get(topic)?.partitions ?? 1)
  }

  /** Resolves when there is room for the next record. */
  async write({ key, value }: LineRecord): Promise<void> {
    const { output } = this.#producer
    const none = key === undefined
    const keyBytes = key ?? value
    output
      .open(this.#topic, this.#partitionOf(key))
      .append(
        this.#clock.now(),
        keyBytes,
        none ? -1 : 0,
        none ? -1 : keyBytes.length,
        value,
        0,
        value.length,
        noHeaders,
      )
    this.#flushing ??= this.#flush()
    if (output.bytes > bytesMax) await this.#flushing
  }

  /** Resolves when everything written is committed. */
  async flushed(): Promise<void> {
    await this.#flushing
  }

  async close(): Promise<void> {
    await this.#flushing
    await this.#producer.close()
  }

  #partitionOf(key: Uint8Array | undefined): number {
    if (key !== undefined) return partitionOfHash(murmur2(key, 0, key.length), this.#partitions)
    this.#next = (this.#next + 1) % this.#partitions
    return this.#next
  }

  async #flush(): Promise<void> {
    while (this.#producer.output.records > 0) {
      const outcome = await this.#producer.commit(this.#producer.seal(), [], noGroup)
      if (outcome.kind !== 'ok') throw outcome.error
    }
    this.#flushing = undefined
  }
}
