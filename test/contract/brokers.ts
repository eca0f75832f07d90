/**
 * Runs contract rows against every implementation of a Kafka: the embedded broker called directly,
 * the same over TCP through the kafkajs adapter, and a real one where `npm test` found one.
 */
import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, jest } from '@jest/globals'
import { batchCompression } from '../../src/adapters/compression/index.ts'
import { kafkajsWire } from '../../src/adapters/kafkajs/wire.ts'
import { clientOf, connectContext } from '../../src/kafka/client/connect.ts'
import type { ClientContext } from '../../src/kafka/client/context.ts'
import type { KafkaClient } from '../../src/kafka/client/port.ts'
import type { KafkaWire } from '../../src/kafka/wire.ts'
import { EmbeddedKafka, type EmbeddedKafkaOptions } from '../../src/testing/embedded-kafka.ts'
import { describeWithKafka, testBrokers } from '../kafka.ts'
import { quietEnv } from '../quiet-env.ts'

/**
 * A row takes a fraction of a second; a busy machine and a cold broker may need many times that.
 */
jest.setTimeout(30_000)

export type BrokerKind = 'direct' | 'tcp' | 'real'

export interface ConnectOptions {
  /** Wraps the wire, to lose or change what passes. */
  readonly through?: (wire: KafkaWire) => KafkaWire
  /** Protocol 1 where the cluster has 2. */
  readonly transactionProtocol?: 1
  readonly requestTimeoutMs?: number
}

/** The client's port, and what its parts share. */
export interface TestClient extends ClientContext, KafkaClient {}

/** What a row gets: a running Kafka, and clients of it that are closed after the row. */
export interface ContractBroker {
  readonly kind: BrokerKind
  /** Moves leaders and coordinators, loses requests; undefined for a real Kafka. */
  readonly embedded: EmbeddedKafka | undefined
  connect(options?: ConnectOptions): Promise<TestClient>
  /** A topic with a name of its own. */
  topic(partitions?: number, configs?: Readonly<Record<string, string>>): Promise<string>
  /** A name that nobody else uses: for groups and transactional ids. */
  unique(prefix: string): string
  /** Something to close after the row. */
  closing(close: () => Promise<void> | void): void
}

/**
 * @example
 * describeEachBroker('listing offsets', (broker) => {
 *   test('an empty partition ends at 0', async () => {
 *     const { admin } = await broker().connect()
 *     const topic = await broker().topic()
 *     …
 *   })
 * })
 */
export function describeEachBroker(
  what: string,
  rows: (broker: () => ContractBroker) => void,
  embeddedOptions: EmbeddedKafkaOptions = {},
): void {
  describe(`${what}, embedded broker called directly`, () => {
    rows(runningBroker('direct', embeddedOptions))
  })
  describe(`${what}, embedded broker over TCP`, () => {
    rows(runningBroker('tcp', embeddedOptions))
  })
  describeWithKafka(`${what}, real Kafka`, () => {
    rows(runningBroker('real', embeddedOptions))
  })
}

function runningBroker(kind: BrokerKind, options: EmbeddedKafkaOptions): () => ContractBroker {
  const closers: (() => Promise<void> | void)[] = []
  let embedded: EmbeddedKafka | undefined
  beforeAll(async () => {
    if (kind === 'real') return
    embedded = await new EmbeddedKafka({ nodes: 3, env: quietEnv, ...options }).start()
  })
  afterEach(async () => {
    for (const close of closers.splice(0).toReversed()) await close()
  })
  afterAll(() => embedded?.stop())
  const wire = (): KafkaWire => {
    if (kind === 'direct' && embedded !== undefined) return embedded.wire()
    const brokers = embedded?.brokers ?? (testBrokers ?? '').split(',')
    return kafkajsWire({ brokers }, quietEnv)
  }
  return () => contractBroker(kind, wire, closers, embedded)
}

/** @param closers Gets what is to be closed when the row is over. */
export function contractBroker(
  kind: BrokerKind,
  wire: () => KafkaWire,
  closers: (() => Promise<void> | void)[],
  embedded?: EmbeddedKafka,
): ContractBroker {
  const connect = async ({ through, ...options }: ConnectOptions = {}): Promise<TestClient> => {
    const plain = wire()
    closers.push(() => plain.close())
    const { compress, decompress } = batchCompression()
    const context = await connectContext({
      wire: through?.(plain) ?? plain,
      env: quietEnv,
      compress,
      decompress,
      requestTimeoutMs: 15_000,
      ...options,
    })
    const client = clientOf(context)
    closers.push(() => client.close())
    return { ...context, ...client }
  }
  const unique = (prefix: string) => `${prefix}-${randomUUID().slice(0, 8)}`
  return {
    kind,
    embedded,
    connect,
    unique,
    async topic(partitions = 1, configs = {}) {
      const { admin } = await connect()
      const name = unique('topic')
      await admin.createTopics([{ name, partitions, replicationFactor: -1, configs }])
      // Metadata names a leader before the leader knows of it: it answers 3 or 6 for a moment.
      const all = Array.from({ length: partitions }, (_, partition) => ({ topic: name, partition }))
      await admin.listOffsets(all, 'latest', 'read_uncommitted')
      return name
    },
    closing: (close) => closers.push(close),
  }
}
