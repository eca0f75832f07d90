/** An embedded broker and workers on one virtual clock, and what is needed to look at them. */
import { batchCompression } from '../../../src/adapters/compression/index.ts'
import { BrokerHost } from '../../../src/adapters/direct-wire/broker-host.ts'
import { DirectWire } from '../../../src/adapters/direct-wire/direct-wire.ts'
import { resolveSettings, type OptionsInput } from '../../../src/config/settings.ts'
import { int64, string, topology } from '../../../src/index.ts'
import { Broker } from '../../../src/kafka/broker/broker.ts'
import { createTopic } from '../../../src/kafka/broker/create-topic.ts'
import { connectKafka } from '../../../src/kafka/client/connect.ts'
import type { KafkaClient, TransactionalProducer } from '../../../src/kafka/client/port.ts'
import { generation, partitionName } from '../../../src/model/ids.ts'
import { noHeaders } from '../../../src/model/output.ts'
import { planTopology } from '../../../src/plan/plan-topology.ts'
import { VirtualEnv } from '../../../src/testing/virtual-env.ts'
import { prepareTopics } from '../../../src/worker/topics.ts'
import { Worker } from '../../../src/worker/worker.ts'
import { KeptStates } from './kept-states.ts'
import { Mortal } from './mortal.ts'

export const partitions = 3
const application = 'counted'

const plan = planTopology(
  topology(application, (t) => {
    t.stream('words', { value: string })
      .groupBy('by-word', (word) => word, { key: string })
      .count('counts')
      .to('counts')
  }),
)

export interface RunningWorker {
  readonly worker: Worker
  readonly process: Mortal
  /** The error that it ended with, undefined after a clean stop. */
  readonly ended: Promise<Error | undefined>
}

export interface Counted {
  readonly partition: number
  readonly word: string
  readonly count: number
}

export class VirtualCluster {
  readonly env: VirtualEnv
  readonly broker: Broker
  readonly #host: BrokerHost
  #client: KafkaClient | undefined
  #producer: TransactionalProducer | undefined
  readonly #states = new Map<string, KeptStates>()
  #written = 0

  constructor(seed: number) {
    this.env = new VirtualEnv(seed)
    this.broker = new Broker({ seed: String(seed) }, batchCompression().decompress)
    this.#host = new BrokerHost(this.broker, this.env)
    for (const name of ['words', 'counts']) {
      const topic = { name, partitions, replicationFactor: -1, configs: [] }
      createTopic(this.broker.cluster, topic)
    }
  }

  /** Connects what writes the input and reads the output. */
  async connect(): Promise<void> {
    const wire = new DirectWire(this.#host, this.env, 'outside')
    this.#client = await connectKafka({ wire, env: this.env, ...batchCompression() })
    await this.#client.admin.describeTopics(['words', 'counts'])
    this.#producer = this.#client.producer({
      transactionalId: 'input',
      groupId: null,
      transactionTimeoutMs: 60_000,
      deliveryTimeoutMs: 30_000,
      compression: 'none',
      batchBytesMax: 100_000,
    })
    await this.#producer.initialise()
  }

  /** A worker process; the same name after a kill has the same identity. */
  async start(name: string, options: OptionsInput = {}): Promise<RunningWorker> {
    const process = new Mortal(this.env, new DirectWire(this.#host, this.env, name))
    const { env, wire } = process
    const short = { deliveryTimeout: '5s', stateFlushInterval: '200ms' } as const
    const settings = resolveSettings({ options: { ...short, ...options } })
    const client = await connectKafka({ wire, env, ...batchCompression() })
    const topics = { waitMs: 0, replicationFactor: -1 }
    const counts = await prepareTopics(plan, client.admin, env, topics)
    const processId = name.padEnd(8, '0')
    const instanceId = `${application}-${processId}-0`
    const about = { processId, slot: 0, instanceId, endpoint: `${name}:80` }
    const identity = { ...about, onRebalanced: () => undefined }
    const states = this.statesOf(name)
    const worker = new Worker({ env, settings, plan, counts, client, states, ...identity })
    const ended = worker.run().then(
      () => undefined,
      (error: Error) => error,
    )
    return { worker, process, ended }
  }

  /** What a process keeps over its starts. */
  statesOf(name: string): KeptStates {
    const states = this.#states.get(name) ?? new KeptStates()
    this.#states.set(name, states)
    return states
  }

  /** Writes words, spread over the partitions. */
  async write(words: readonly string[]): Promise<void> {
    const producer = this.#producer
    if (producer === undefined) throw new Error('not connected')
    for (const word of words) {
      const bytes = Buffer.from(word)
      const handle = producer.output.open('words', this.#written++ % partitions)
      handle.append(this.env.clock.now(), bytes, -1, -1, bytes, 0, bytes.length, noHeaders)
    }
    const nobody = { groupId: '', memberId: '', instanceId: null, generation: generation(0) }
    const outcome = await producer.commit(producer.seal(), [], nobody)
    if (outcome.kind !== 'ok') throw outcome.error
  }

  /** The committed output, in order, partition after partition. */
  async read(): Promise<readonly Counted[]> {
    const client = this.#connected
    const all = Array.from({ length: partitions }, (_, partition) => ({
      topic: 'counts',
      partition,
    }))
    const ends = await client.admin.listOffsets(all, 'latest', 'read_committed')
    const fetcher = client.fetcher({
      isolation: 'read_committed',
      waitMs: 10,
      bytesMin: 1,
      bytesMax: 1_000_000,
      partitionBytesMax: 1_000_000,
      bufferBytesMax: 1_000_000,
      lane: 'fetch',
    })
    const left = new Set(all.map(partitionName).filter((name) => (ends.get(name) ?? 0) > 0))
    for (const one of all) fetcher.assign(one, 0)
    const found: Counted[] = []
    while (left.size > 0) {
      for (const { partition, batches, nextOffset } of fetcher.poll(1_000_000)) {
        for (const batch of batches) {
          for (let i = 0; i < batch.count; i++) {
            const word = batch.bytes.subarray(batch.keyStarts[i], batch.keyEnds[i])
            const value = batch.bytes.subarray(batch.valueStarts[i], batch.valueEnds[i])
            const count = int64.deserialize(value)
            found.push({ partition, word: Buffer.from(word).toString(), count })
          }
        }
        const name = partitionName({ topic: 'counts', partition })
        if (nextOffset >= (ends.get(name) ?? 0)) left.delete(name)
      }
      if (left.size > 0) await fetcher.wait(AbortSignal.timeout(10_000))
    }
    await fetcher.close()
    return found
  }

  /** Committed positions of the input, summed up; control records are not part of it. */
  async lag(): Promise<number> {
    const { admin } = this.#connected
    const topics = ['words', `${application}-by-word-repartition`]
    const all = topics.flatMap((topic) =>
      Array.from({ length: partitions }, (_, partition) => ({ topic, partition })),
    )
    // Positions first: what an epoch wrote that commits between the two questions is counted then.
    const positions = await admin.committedOffsets(application, all)
    const ends = await admin.listOffsets(all, 'latest', 'read_uncommitted')
    return all.reduce((sum, one) => {
      const name = partitionName(one)
      return sum + (ends.get(name) ?? 0) - (positions.get(name)?.offset ?? 0)
    }, 0)
  }

  close(): void {
    this.#host.close()
  }

  get #connected(): KafkaClient {
    if (this.#client === undefined) throw new Error('not connected')
    return this.#client
  }
}
