/** A transaction by bare requests, looked at from its coordinator and from its partitions. */
import { check } from '../../src/kafka/client/failure.ts'
import {
  addOffsetsToTxn,
  addPartitionsToTxn,
  describeProducers,
  describeTransactions,
  endTxn,
  initProducerId,
  offsetFetch,
  produce,
  txnOffsetCommit,
  writeTxnMarkers,
} from '../../src/kafka/protocol/messages/index.ts'
import { offsetsPartition, offsetsTopic } from '../../src/kafka/protocol/offsets-topic.ts'
import { RecordBatchBuilder } from '../../src/kafka/protocol/record-batch/index.ts'
import type { NodeId, TopicPartition } from '../../src/model/ids.ts'
import { noHeaders } from '../../src/model/output.ts'
import type { ContractBroker } from './brokers.ts'

const timeoutMs = 15_000

export interface Marking {
  readonly at: TopicPartition
  readonly epoch: number
  readonly commit?: boolean
  /** Of WriteTxnMarkers. @default the newest */
  readonly version?: 1 | 2
  readonly transactionVersion?: number
  /** An older one than the last that wrote there is refused. @default the last one */
  readonly coordinatorEpoch?: number
}

export async function markerRig(broker: ContractBroker, protocol: 1 | 2) {
  const client = await broker.connect()
  const { requests, metadata, coordinators, admin } = client
  const topic = await broker.topic()
  const output: TopicPartition = { topic, partition: 0 }
  const groupId = broker.unique('group')
  const transactionalId = broker.unique('producer')
  const producer = { producerId: -1, producerEpoch: -1, sequence: 0 }

  const rules = {
    doing: 'a bare transaction',
    timeoutMs,
    backoffMs: 2,
    backoffMaxMs: 20,
    refresh: () => metadata.expire(),
  }
  const byCoordinator = <T>(kind: 'group' | 'transaction', ask: (node: NodeId) => Promise<T>) => {
    const key = kind === 'group' ? groupId : transactionalId
    const refresh = () => coordinators.forget(kind, key)
    return requests.retrying({ ...rules, refresh }, async () =>
      ask(await coordinators.of(kind, key)),
    )
  }
  const byLeader = <T>(at: TopicPartition, ask: (node: NodeId) => Promise<T>) =>
    requests.retrying(rules, async () => ask((await metadata.leaderOf(at)).node))

  await byCoordinator('transaction', async (node) => {
    const message = { transactionalId, transactionTimeoutMs: 30_000 }
    const answer = await requests.send(initProducerId, { node, max: 5, message, timeoutMs })
    check(answer.errorCode, 'initialising')
    producer.producerId = answer.producerId
    producer.producerEpoch = answer.producerEpoch
  })
  // The topic of positions exists once somebody has asked for a coordinator of groups.
  await byCoordinator('group', (node) => Promise.resolve(node))
  const topics = await metadata.readTopics([offsetsTopic])
  const count = topics.get(offsetsTopic)?.partitions.length ?? 0
  const positions = { topic: offsetsTopic, partition: offsetsPartition(groupId, count) }

  const add = async () => {
    await byCoordinator('transaction', async (node) => {
      const message = {
        v3AndBelowTransactionalId: transactionalId,
        v3AndBelowProducerId: producer.producerId,
        v3AndBelowProducerEpoch: producer.producerEpoch,
        v3AndBelowTopics: [{ name: topic, partitions: [0] }],
      }
      const answer = await requests.send(addPartitionsToTxn, { node, max: 3, message, timeoutMs })
      const [result] = answer.resultsByTopicV3AndBelow
      check(result?.resultsByPartition[0]?.partitionErrorCode ?? -1, 'adding a partition')
    })
    await byCoordinator('transaction', async (node) => {
      const message = { transactionalId, groupId, ...producer }
      const answer = await requests.send(addOffsetsToTxn, { node, message, timeoutMs })
      check(answer.errorCode, 'adding a group')
    })
  }

  const write = async (value: string) => {
    const builder = new RecordBatchBuilder(10_000)
    const bytes = Buffer.from(value)
    builder.append(Date.now(), bytes, -1, -1, bytes, 0, bytes.length, noHeaders)
    const { sequence: baseSequence } = producer
    const records = builder.finish({ ...producer, baseSequence, isTransactional: true })
    await byLeader(output, async (node) => {
      const topicData = [{ name: topic, partitionData: [{ index: 0, records }] }]
      const message = { transactionalId, acks: -1, timeoutMs, topicData }
      const max = protocol === 1 ? 11 : 12
      const answer = await requests.send(produce, { node, max, message, timeoutMs })
      check(answer.responses[0]?.partitionResponses[0]?.errorCode ?? -1, 'producing')
    })
    producer.sequence++
  }

  const moveGroup = (committedOffset: number) =>
    byCoordinator('group', async (node) => {
      const partitions = [{ partitionIndex: 0, committedOffset, committedMetadata: '' }]
      const topics = [{ name: topic, partitions }]
      const message = { transactionalId, groupId, ...producer, topics }
      const max = protocol === 1 ? 4 : 5
      const answer = await requests.send(txnOffsetCommit, { node, max, message, timeoutMs })
      check(answer.topics[0]?.partitions[0]?.errorCode ?? -1, 'committing positions')
    })

  const transaction = () =>
    byCoordinator('transaction', async (node) => {
      const message = { transactionalIds: [transactionalId] }
      const answer = await requests.send(describeTransactions, { node, message, timeoutMs })
      const [state] = answer.transactionStates
      check(state?.errorCode ?? -1, 'describing the transaction')
      return state
    })

  /** What the partition's leader says of this producer. */
  const producerAt = (at: TopicPartition) =>
    byLeader(at, async (node) => {
      const message = { topics: [{ name: at.topic, partitionIndexes: [at.partition] }] }
      const answer = await requests.send(describeProducers, { node, message, timeoutMs })
      const found = answer.topics[0]?.partitions[0]
      check(found?.errorCode ?? -1, 'describing producers')
      return found?.activeProducers.find(({ producerId }) => producerId === producer.producerId)
    })

  return {
    client,
    output,
    positions,
    producer,
    transaction,
    producerAt,

    /** Writes a value and moves the group, in a transaction. */
    async begin(value: string, offset: number): Promise<void> {
      if (protocol === 1) await add()
      await write(value)
      await moveGroup(offset)
    },

    /** Ends the transaction; returns when its markers are written. */
    async end(committed: boolean): Promise<void> {
      await byCoordinator('transaction', async (node) => {
        const message = { transactionalId, ...producer, committed }
        const max = protocol === 1 ? 4 : 5
        const answer = await requests.send(endTxn, { node, max, message, timeoutMs })
        check(answer.errorCode, 'ending')
        if (protocol === 1) return
        producer.producerId = answer.producerId
        producer.producerEpoch = answer.producerEpoch
        producer.sequence = 0
      })
      const complete = committed ? 'CompleteCommit' : 'CompleteAbort'
      for (;;) if ((await transaction())?.transactionState === complete) return
    },

    /** The error code of a marker of this producer, written by hand. */
    async mark({ at, epoch, commit = true, version = 2, ...marking }: Marking): Promise<number> {
      const { node } = await metadata.leaderOf(at)
      const last = marking.coordinatorEpoch ?? (await producerAt(at))?.coordinatorEpoch ?? 0
      const marker = {
        producerId: producer.producerId,
        producerEpoch: epoch,
        transactionResult: commit,
        topics: [{ name: at.topic, partitionIndexes: [at.partition] }],
        coordinatorEpoch: Math.max(0, last),
        transactionVersion: marking.transactionVersion ?? 0,
      }
      const call = { node, max: version, message: { markers: [marker] }, timeoutMs }
      const answer = await requests.send(writeTxnMarkers, call)
      return answer.markers[0]?.topics[0]?.partitions[0]?.errorCode ?? -1
    },

    /** Last stable offset and end of the output. */
    async ends(): Promise<readonly (number | undefined)[]> {
      const stable = await admin.listOffsets([output], 'latest', 'read_committed')
      const all = await admin.listOffsets([output], 'latest', 'read_uncommitted')
      return [...stable.values(), ...all.values()]
    },

    /** The group's position, and the error code where a stable one was asked for. */
    position: () =>
      byCoordinator('group', async (node) => {
        const groups = [{ groupId, topics: [{ name: topic, partitionIndexes: [0] }] }]
        const message = { groups, requireStable: true }
        const call = { node, min: 8, max: 8, message, timeoutMs }
        const [group] = (await requests.send(offsetFetch, call)).groups
        check(group?.errorCode ?? -1, 'reading positions')
        const found = group?.topics[0]?.partitions[0]
        return { offset: found?.committedOffset, errorCode: found?.errorCode }
      }),
  }
}
