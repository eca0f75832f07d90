/** The broker that all subjects of a run share, and the client that prepares and checks. */
import { randomBytes } from 'node:crypto'
import { launchKafka } from '../../cluster/launch.ts'
import { scratchDirectory } from '../../cluster/scratch.ts'
import { batchCompression } from '../../src/adapters/compression/index.ts'
import { kafkajsWire } from '../../src/adapters/kafkajs/wire.ts'
import { systemEnv } from '../../src/env/system.ts'
import { connectKafka } from '../../src/kafka/client/connect.ts'
import type { KafkaClient } from '../../src/kafka/client/port.ts'
import type { KafkaWire } from '../../src/kafka/wire.ts'
import { listenerOf } from './processor-time.ts'
import { topicsOf } from './topics.ts'

export interface BenchKafka {
  /** Bootstrap addresses. */
  readonly brokers: string
  readonly description: string
  /** Begins the names of this run's topics and groups, so that no earlier run's are met. */
  readonly prefix: string
  /** Undefined where the broker is not a process of this machine that we may look at. */
  readonly brokerPid: number | undefined
  readonly wire: KafkaWire
  readonly client: KafkaClient
  /** For state directories and compiled programs; gone at the end. */
  readonly scratch: string
  createTopic(name: string, partitions: number, configs?: Record<string, string>): Promise<void>
  /** Deletes all topics with this beginning. */
  deleteTopics(prefix: string): Promise<void>
  close(): Promise<void>
}

/** As Kafka's own start script has it: a broker that is compiled fully, not one for tests. */
const jvm = ['-Xms1g', '-Xmx1g', '-XX:+UseG1GC', '-XX:MaxGCPauseMillis=20']

/**
 * The cluster of `MILLRACE_BROKERS`, or a broker as a process of its own: between a container and
 * this host there is a proxy to measure too.
 */
export async function benchKafka(say: (text: string) => void): Promise<BenchKafka> {
  const launch = await launchKafka({
    acceptable: ['external', 'java', 'docker'],
    jvm,
    progress: say,
  })
  if (launch.kind === 'none') throw new Error(launch.reason)
  const { kafka } = launch
  const scratch = scratchDirectory('bench')
  const env = systemEnv({ logLevel: 'warn' })
  const wire = kafkajsWire({ brokers: kafka.brokers.split(',') }, env)
  const client = await connectKafka({ wire, env, ...batchCompression() })
  const prefix = `bench-${randomBytes(3).toString('hex')}`
  const deleteTopics = async (beginning: string) => {
    const names = await topicsOf(wire, beginning)
    if (names.length > 0) await client.admin.deleteTopics(names)
  }
  return {
    brokers: kafka.brokers,
    description: kafka.description,
    prefix,
    brokerPid: listenerOf(Number(kafka.brokers.split(',')[0]?.split(':').at(-1))),
    wire,
    client,
    scratch: scratch.path,
    async createTopic(name, partitions, configs = {}) {
      await client.admin.createTopics([{ name, partitions, replicationFactor: 1, configs }])
    },
    deleteTopics,
    async close() {
      await deleteTopics(prefix)
      await client.close()
      await kafka.stop()
      scratch.remove()
    },
  }
}
