/**
 * A transactional producer with a group, topics to write to, and readers to see what came of it.
 */
import type { GroupIdentity, ProducerOptions } from '../../src/kafka/client/port.ts'
import { offsetFetch } from '../../src/kafka/protocol/messages/index.ts'
import { noHeaders } from '../../src/model/output.ts'
import { partitionName, type TopicPartition } from '../../src/model/ids.ts'
import type { ContractBroker, ConnectOptions, TestClient } from './brokers.ts'
import { joinAlone } from './raw-member.ts'

export type Isolation = 'read_committed' | 'read_uncommitted'
export const partitions = 2

export interface RigOptions extends ConnectOptions {
  readonly protocol: 1 | 2
  readonly producer?: Partial<ProducerOptions>
  readonly instanceId?: string
  readonly topicConfigs?: Readonly<Record<string, string>>
  /** Names that lie where a row wants them; new ones where absent. */
  readonly names?: Partial<RigNames>
  /** Of the member, which does not beat. @default 10000 (milliseconds) */
  readonly sessionTimeoutMs?: number
}

export interface RigNames {
  readonly output: string
  readonly groupId: string
  readonly transactionalId: string
}

export type EpochRig = Awaited<ReturnType<typeof epochRig>>

export async function epochRig(broker: ContractBroker, options: RigOptions) {
  const { protocol, through, names = {}, sessionTimeoutMs } = options
  const client = await broker.connect({
    ...(protocol === 1 ? { transactionProtocol: 1 as const } : {}),
    ...(through === undefined ? {} : { through }),
  })
  const input = await broker.topic(partitions)
  const output = names.output ?? (await broker.topic(partitions, options.topicConfigs))
  await client.admin.describeTopics([input, output])
  const groupId = names.groupId ?? broker.unique('group')
  const instanceId = options.instanceId ?? null
  const session = sessionTimeoutMs === undefined ? {} : { sessionTimeoutMs }
  const member = await joinAlone(client, groupId, { instanceId, ...session })
  const transactionalId = names.transactionalId ?? broker.unique('producer')
  const producer = openProducer(client, transactionalId, { groupId, ...options.producer })
  await producer.initialise()
  const write = (values: readonly string[], partition = 0) => {
    const handle = producer.output.open(output, partition)
    for (const value of values) {
      const bytes = Buffer.from(value)
      handle.append(1, bytes, -1, -1, bytes, 0, bytes.length, noHeaders)
    }
  }
  const commit = (offset: number, identity: GroupIdentity = member) =>
    producer.commit(producer.seal(), positionsAt(input, offset), identity)
  return { client, input, output, groupId, member, transactionalId, producer, write, commit }
}

export function openProducer(
  client: TestClient,
  transactionalId: string,
  options: Partial<ProducerOptions> = {},
) {
  return client.producer({
    transactionalId,
    groupId: 'counters',
    transactionTimeoutMs: 20_000,
    deliveryTimeoutMs: 10_000,
    compression: 'none',
    batchBytesMax: 100_000,
    ...options,
  })
}

export function positionsAt(topic: string, offset: number) {
  return [{ topic, partition: 0, offset, leaderEpoch: -1, metadata: `at ${offset}` }]
}

/** The committed position of a group on partition 0, waited for while a transaction is pending. */
export async function position(client: TestClient, groupId: string, topic: string) {
  const found = await client.admin.committedOffsets(groupId, [{ topic, partition: 0 }])
  return found.get(`${topic}-0`)?.offset
}

/** Waits until the broker says that a transaction on the position is pending. */
export async function pendingOn(
  { requests, coordinators }: TestClient,
  groupId: string,
  topic: string,
): Promise<void> {
  for (;;) {
    const topics = [{ name: topic, partitionIndexes: [0] }]
    const answer = await requests.send(offsetFetch, {
      node: await coordinators.of('group', groupId),
      min: 8,
      max: 9,
      message: { groups: [{ groupId, topics }], requireStable: true },
      timeoutMs: 5_000,
    })
    if (answer.groups[0]?.topics[0]?.partitions[0]?.errorCode === 88) return
  }
}

/**
 * The ends of partitions once every transaction on them is complete: EndTxn's answer comes before.
 */
async function settledEnds(client: TestClient, all: readonly TopicPartition[]) {
  for (;;) {
    const stable = await client.admin.listOffsets(all, 'latest', 'read_committed')
    const ends = await client.admin.listOffsets(all, 'latest', 'read_uncommitted')
    if (all.every((at) => stable.get(partitionName(at)) === ends.get(partitionName(at))))
      return ends
  }
}

/** All values of a topic from its beginning to what its end is now, partition after partition. */
export async function read(
  broker: ContractBroker,
  topic: string,
  isolation: Isolation = 'read_committed',
): Promise<readonly string[]> {
  const client = await broker.connect()
  const all = Array.from({ length: partitions }, (_, partition) => ({ topic, partition }))
  const ends = await settledEnds(client, all)
  const fetcher = client.fetcher({
    isolation,
    waitMs: 100,
    bytesMin: 1,
    bytesMax: 1_000_000,
    partitionBytesMax: 1_000_000,
    bufferBytesMax: 10_000_000,
    lane: 'fetch',
  })
  const left = new Set<string>()
  for (const partition of all) {
    if ((ends.get(partitionName(partition)) ?? 0) === 0) continue
    left.add(partitionName(partition))
    fetcher.assign(partition, 0)
  }
  const values = all.map((): string[] => [])
  while (left.size > 0) {
    await fetcher.wait(new AbortController().signal)
    const [problem] = fetcher.problems()
    if (problem !== undefined) throw new Error(JSON.stringify(problem.problem))
    for (const { partition, batches, nextOffset } of fetcher.poll(1_000_000)) {
      for (const batch of batches) {
        for (let i = 0; i < batch.count; i++) {
          const value = batch.bytes.subarray(batch.valueStarts[i], batch.valueEnds[i])
          values[partition]?.push(Buffer.from(value).toString())
        }
      }
      const name = partitionName({ topic, partition })
      if (nextOffset >= (ends.get(name) ?? 0)) left.delete(name)
    }
  }
  await fetcher.close()
  return values.flat()
}
