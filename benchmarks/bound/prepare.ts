/** What the loop asks once, before its first record. */
import { setTimeout as sleep } from 'node:timers/promises'
import { decodeResponse, encodeRequest } from '../../src/kafka/protocol/codec.ts'
import { createTopics, findCoordinator, metadata } from '../../src/kafka/protocol/messages/index.ts'
import { Reader } from '../../src/kafka/protocol/reader.ts'
import type { BrokerSocket } from './broker-socket.ts'
import { accept } from './transaction.ts'

const versions = { metadata: 9, createTopics: 5, findCoordinator: 3 } as const
const coordinatorKinds = { group: 0, transaction: 1 } as const
const topicExists = 36
const coordinatorNotAvailable = 15
const patienceMs = 20

/** @returns The topic's number of partitions, all of which are on one broker. */
export async function partitionsOf(socket: BrokerSocket, topic: string): Promise<number> {
  const request = encodeRequest(metadata, versions.metadata, { topics: [{ name: topic }] })
  const answer = decodeResponse(metadata, versions.metadata, new Reader(await socket.send(request)))
  const [found] = answer.topics
  accept('Metadata', found?.errorCode ?? -1)
  if (answer.brokers.length !== 1) throw new Error('the bare loop speaks to a single broker')
  return found?.partitions.length ?? 0
}

/** Makes the changelog topic, unless another process of the same group has. */
export async function createChangelog(
  socket: BrokerSocket,
  name: string,
  numPartitions: number,
): Promise<void> {
  const request = encodeRequest(createTopics, versions.createTopics, {
    topics: [
      {
        name,
        numPartitions,
        replicationFactor: 1,
        assignments: [],
        configs: [{ name: 'cleanup.policy', value: 'compact' }],
      },
    ],
  })
  const reader = new Reader(await socket.send(request))
  const code = decodeResponse(createTopics, versions.createTopics, reader).topics[0]?.errorCode
  if (code !== topicExists) accept('CreateTopics', code ?? -1)
  await waitForLeaders(socket, name)
}

/** A new topic's leader is elected a moment after it was made. */
async function waitForLeaders(socket: BrokerSocket, name: string): Promise<void> {
  while (true) {
    const request = encodeRequest(metadata, versions.metadata, { topics: [{ name }] })
    const reader = new Reader(await socket.send(request))
    const [topic] = decodeResponse(metadata, versions.metadata, reader).topics
    const led = topic?.errorCode === 0 && topic.partitions.every(({ leaderId }) => leaderId >= 0)
    if (led) return
    await sleep(patienceMs)
  }
}

/** A fresh cluster makes its coordinators' topics when it is asked for the first time. */
export async function waitForCoordinator(
  socket: BrokerSocket,
  kind: keyof typeof coordinatorKinds,
  key: string,
): Promise<void> {
  while (true) {
    const request = encodeRequest(findCoordinator, versions.findCoordinator, {
      key,
      keyType: coordinatorKinds[kind],
    })
    const reader = new Reader(await socket.send(request))
    const { errorCode } = decodeResponse(findCoordinator, versions.findCoordinator, reader)
    if (errorCode === 0) return
    if (errorCode !== coordinatorNotAvailable) accept('FindCoordinator', errorCode)
    await sleep(patienceMs)
  }
}
