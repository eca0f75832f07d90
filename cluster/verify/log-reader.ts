/**
 * Reads topics for verification, over kafkajs and nothing of the engine. kafkajs decodes; which
 * records are committed is decided here (`committed.ts`), because its own consumer lets records of
 * aborted transactions through.
 */
import zlib from 'node:zlib'
import kafkajs, { type Admin, type Broker, type Cluster, type Kafka } from 'kafkajs'
import lz4 from 'lz4-napi'
import { eventually } from '../eventually.ts'
import { CommittedFilter, type LogRecord } from './committed.ts'

export interface PartitionEnds {
  /** Where a read_committed reader stops: the first offset of the oldest open transaction. */
  readonly stable: number
  readonly end: number
}

/** What kafkajs answers to requests that its type declarations leave out or leave open. */
interface ReadingBroker extends Broker {
  listOffsets(request: {
    readonly isolationLevel: number
    readonly topics: readonly {
      readonly topic: string
      readonly partitions: readonly { readonly partition: number; readonly timestamp: number }[]
    }[]
  }): Promise<{ responses: { partitions: { offset: string }[] }[] }>
}

interface FetchedPartition {
  readonly abortedTransactions: readonly { producerId: string; firstOffset: string }[]
  readonly messages: readonly LogRecord[]
}

const readUncommitted = 0
const readCommitted = 1
const latest = -1
const fetchBytes = 8 * 1024 * 1024

export class LogReader {
  readonly #admin: Admin
  readonly #cluster: Cluster

  private constructor(admin: Admin, cluster: Cluster) {
    this.#admin = admin
    this.#cluster = cluster
  }

  static async connect(brokers: string): Promise<LogReader> {
    useCodecs()
    const kafka = new kafkajs.Kafka({
      clientId: 'verification',
      brokers: brokers.split(','),
      logLevel: kafkajs.logLevel.NOTHING,
      retry: { initialRetryTime: 100, retries: 8 },
    })
    const cluster = captureCluster(kafka)
    const admin = kafka.admin()
    await Promise.all([cluster.connect(), admin.connect()])
    return new LogReader(admin, cluster)
  }

  topics(): Promise<readonly string[]> {
    return this.#admin.listTopics()
  }

  /** A group's positions by partition; 0 where it has none. */
  async committed(group: string, topic: string): Promise<ReadonlyMap<number, number>> {
    // A coordinator that is new, or on its way, is asked again; kafkajs gives up at once.
    const positions = await eventually(() =>
      this.#admin.fetchOffsets({ groupId: group, topics: [topic] }),
    )
    const found = positions[0]?.partitions ?? []
    return new Map(found.map((at) => [at.partition, Math.max(0, Number(at.offset))]))
  }

  async partitions(topic: string): Promise<readonly number[]> {
    // A broker that has just started may not know of the topic yet.
    await eventually(() => this.#cluster.addTargetTopic(topic))
    const found = this.#cluster.findTopicPartitionMetadata(topic)
    return found.map(({ partitionId }) => partitionId).sort((a, b) => a - b)
  }

  async ends(topic: string, partition: number): Promise<PartitionEnds> {
    const end = (isolationLevel: number) =>
      this.#asking(topic, partition, async (leader) => {
        const partitions = [{ partition, timestamp: latest }]
        const answer = await leader.listOffsets({ isolationLevel, topics: [{ topic, partitions }] })
        return Number(answer.responses[0]?.partitions[0]?.offset)
      })
    return { stable: await end(readCommitted), end: await end(readUncommitted) }
  }

  /** Gives every committed record of a partition between two offsets, in order. */
  async read(
    topic: string,
    partition: number,
    from: number,
    to: number,
    take: (record: LogRecord) => void,
  ): Promise<void> {
    const filter = new CommittedFilter()
    let position = from
    while (position < to) {
      const { messages, abortedTransactions } = await this.#asking(topic, partition, (leader) =>
        fetch(leader, topic, partition, position),
      )
      const last = messages.at(-1)
      if (last === undefined)
        throw new Error(`${topic}-${partition} ends at ${position}, not ${to}`)
      filter.begin(abortedTransactions)
      for (const record of messages) {
        // A fetch begins with the whole batch that the offset is in.
        if (Number(record.offset) >= position && filter.lets(record)) take(record)
      }
      position = Number(last.batchContext.firstOffset) + last.batchContext.lastOffsetDelta + 1
    }
  }

  /** Gives every committed record of a topic, partition by partition. */
  async readAll(
    topic: string,
    take: (partition: number, record: LogRecord) => void,
  ): Promise<void> {
    for (const partition of await this.partitions(topic)) {
      const { stable } = await this.ends(topic, partition)
      await this.read(topic, partition, 0, stable, (record) => take(partition, record))
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#cluster.disconnect(), this.#admin.disconnect()])
  }

  /** Asks whoever leads: of several brokers that have just been killed it may be another by now. */
  #asking<T>(
    topic: string,
    partition: number,
    ask: (leader: ReadingBroker) => Promise<T>,
  ): Promise<T> {
    return eventually(async () => {
      try {
        return await ask(await this.#leader(topic, partition))
      } catch (error) {
        await this.#cluster.refreshMetadata().catch(() => undefined)
        throw error
      }
    })
  }

  async #leader(topic: string, partition: number): Promise<ReadingBroker> {
    await this.#cluster.addTargetTopic(topic)
    const leaders = this.#cluster.findLeaderForPartitions(topic, [partition])
    const nodeId = Object.keys(leaders)[0]
    if (nodeId === undefined) throw new Error(`${topic}-${partition} has no leader`)
    return (await this.#cluster.findBroker({ nodeId })) as ReadingBroker
  }
}

async function fetch(
  broker: ReadingBroker,
  topic: string,
  partition: number,
  offset: number,
): Promise<FetchedPartition> {
  const answer = (await broker.fetch({
    replicaId: -1,
    isolationLevel: readCommitted,
    maxWaitTime: 1_000,
    minBytes: 1,
    maxBytes: fetchBytes,
    topics: [
      { topic, partitions: [{ partition, fetchOffset: String(offset), maxBytes: fetchBytes }] },
    ],
  })) as { responses: { partitions: FetchedPartition[] }[] }
  const fetched = answer.responses[0]?.partitions[0]
  if (fetched === undefined) throw new Error(`no answer for ${topic}-${partition}`)
  return fetched
}

/**
 * kafkajs gives its cluster to partition assigners; the consumer that they belong to is not run.
 */
function captureCluster(kafka: Kafka): Cluster {
  let captured: Cluster | undefined
  kafka.consumer({
    groupId: 'verification-does-not-join',
    // Who reads what is not there shall hear so, and not create it.
    allowAutoTopicCreation: false,
    partitionAssigners: [
      ({ cluster }) => {
        captured = cluster
        return {
          name: 'none',
          version: 0,
          assign: () => Promise.resolve([]),
          protocol: () => ({ name: 'none', metadata: Buffer.alloc(0) }),
        }
      },
    ],
  })
  if (captured === undefined) throw new Error('kafkajs gave no cluster')
  return captured
}

/** kafkajs brings gzip only. */
function useCodecs(): void {
  const { CompressionCodecs, CompressionTypes } = kafkajs
  CompressionCodecs[CompressionTypes.LZ4] = () => ({
    compress: (encoder: { buffer: Buffer }) => lz4.compressFrame(encoder.buffer),
    decompress: (buffer: Buffer) => lz4.decompressFrame(buffer),
  })
  CompressionCodecs[CompressionTypes.ZSTD] = () => ({
    compress: (encoder: { buffer: Buffer }) =>
      Promise.resolve(zlib.zstdCompressSync(encoder.buffer)),
    decompress: (buffer: Buffer) => Promise.resolve(zlib.zstdDecompressSync(buffer)),
  })
}
