/** A Kafka-protocol broker in this process, for integration tests and development. */
import { batchCompression } from '../adapters/compression/index.ts'
import { DirectWire } from '../adapters/direct-wire/direct-wire.ts'
import { startTcpBroker, type TcpBroker } from '../adapters/tcp-broker/index.ts'
import type { Env } from '../env/port.ts'
import { systemEnv } from '../env/system.ts'
import { createTopic } from '../kafka/broker/create-topic.ts'
import type { FaultRule } from '../kafka/broker/faults.ts'
import type { BrokerOptions } from '../kafka/broker/options.ts'
import type { KafkaWire } from '../kafka/wire.ts'
import { nodeId } from '../model/ids.ts'

export interface EmbeddedKafkaOptions extends Partial<BrokerOptions> {
  /** Port of the first broker; the others take the ones after it. 0: any free ports. @default 0 */
  readonly port?: number
  /** Address to listen on; there is no authentication. @default '127.0.0.1' */
  readonly host?: string
  /** Clock, timers and log. @default the system's, logging warnings */
  readonly env?: Pick<Env, 'clock' | 'timers' | 'logger'>
}

export interface EmbeddedTopic {
  /** @default 1 */
  readonly partitions?: number
  /** Topic settings by their Kafka names, such as `cleanup.policy`. */
  readonly configs?: Readonly<Record<string, string>>
}

/**
 * Any Kafka client can use it: transactions (KIP-98, KIP-447, KIP-890), classic consumer groups
 * with
 * static members, compaction. Logs are in memory and nothing is replicated: it is not for
 * production.
 *
 * @example
 * const kafka = new EmbeddedKafka()
 * await kafka.start()
 * kafka.createTopic('lines', { partitions: 4 })
 * const app = await start(topology, { brokers: kafka.brokers })
 * await kafka.stop()
 */
export class EmbeddedKafka {
  readonly #options: EmbeddedKafkaOptions
  readonly #env: Pick<Env, 'clock' | 'timers' | 'logger'>
  #running: TcpBroker | undefined

  constructor(options: EmbeddedKafkaOptions = {}) {
    this.#options = options
    this.#env = options.env ?? systemEnv({ logLevel: 'warn' })
  }

  /** Listens; does nothing when it does already. @throws StreamError BROKER_PORT_TAKEN */
  async start(): Promise<this> {
    const { port, host, env: _, ...broker } = this.#options
    this.#running ??= await startTcpBroker({
      env: this.#env,
      ...(port === undefined ? {} : { port }),
      ...(host === undefined ? {} : { host }),
      broker,
      decompress: batchCompression().decompress,
    })
    return this
  }

  /** `host:port` of each broker, as clients take them. @throws Error before `start` */
  get brokers(): readonly string[] {
    return this.#started.addresses
  }

  /** Closes all connections and forgets everything that was written. */
  async stop(): Promise<void> {
    const running = this.#running
    this.#running = undefined
    await running?.close()
  }

  /** @throws RangeError when Kafka would refuse the topic; the message says why. */
  createTopic(name: string, topic: EmbeddedTopic = {}): void {
    const configs = Object.entries(topic.configs ?? {}).map(([name, value]) => ({ name, value }))
    const { cluster } = this.#started.broker
    const asked = { name, partitions: topic.partitions ?? 1, replicationFactor: -1, configs }
    const created = createTopic(cluster, asked)
    if ('code' in created) throw new RangeError(created.message)
  }

  /**
   * Loses or delays requests or their answers from now on, as the rule says. The returned function
   * takes the rule away.
   */
  addFault(rule: FaultRule): () => void {
    return this.#started.broker.faults.add(rule)
  }

  /** Ends all connections, as an outage of the brokers does; clients may connect again at once. */
  dropConnections(): void {
    this.#started.host.dropConnections()
  }

  /** Compacts a topic now, as the cleaner does in the background once enough was written. */
  compact(name: string): void {
    const { cluster } = this.#started.broker
    const topic = cluster.topics.get(name)
    if (topic === undefined) throw new RangeError(`no topic ${name}`)
    cluster.nowMs = this.#env.clock.now()
    for (const { log } of topic.partitions) cluster.compact(topic, log)
  }

  /** Another broker leads the partition from now on (with the option `nodes`). */
  moveLeader(topic: string, partition: number, to: number): void {
    this.#started.broker.cluster.moveLeader(topic, partition, nodeId(to))
    this.#started.host.poke()
  }

  /** Another broker coordinates the group or transactional id from now on. */
  moveCoordinator(kind: 'group' | 'transaction', key: string, to: number): void {
    this.#started.broker.cluster.moveCoordinator(kind, key, nodeId(to))
    this.#started.host.poke()
  }

  /**
   * The next transactions that end do so for their coordinator alone: no marker is written, so they
   * stay open on their partitions and for their group. A real broker does this when it meets
   * partitions without a leader after a restart.
   */
  loseMarkers(count = 1): void {
    this.#started.broker.cluster.transactions.loseMarkers(count)
  }

  /** A wire that calls the broker directly, without sockets. */
  wire(clientId?: string): KafkaWire {
    return new DirectWire(this.#started.host, this.#env, clientId)
  }

  get #started(): TcpBroker {
    if (this.#running === undefined) throw new Error('the embedded Kafka is not started')
    return this.#running
  }
}
