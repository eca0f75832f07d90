import { expect, test } from '@jest/globals'
import { transactionalProducer } from '../../../../../src/kafka/client/transactions/producer.ts'
import {
  addOffsetsToTxn,
  addPartitionsToTxn,
  describeProducers,
  describeTransactions,
  endTxn,
  findCoordinator,
  initProducerId,
  produce,
  txnOffsetCommit,
} from '../../../../../src/kafka/protocol/messages/index.ts'
import { readBatchHeaders } from '../../../../../src/kafka/protocol/record-batch/index.ts'
import type { Decoded } from '../../../../../src/kafka/protocol/schema.ts'
import { WireError } from '../../../../../src/kafka/wire.ts'
import { generation } from '../../../../../src/model/ids.ts'
import { noHeaders } from '../../../../../src/model/output.ts'
import { quietEnv } from '../../../../quiet-env.ts'
import { scriptedClient } from '../scripted-client.ts'

type Produce = Decoded<(typeof produce)['request']>

const group = {
  groupId: 'counts',
  memberId: 'member-1',
  instanceId: null,
  generation: generation(3),
}
const positions = [{ topic: 'lines', partition: 0, offset: 7, leaderEpoch: 1, metadata: '' }]
const value = new Uint8Array(100)

interface Written {
  readonly partition: number
  readonly sequence: number
  readonly epoch: number
  readonly count: number
}

/** A producer over scripted brokers that take everything; tests replace single answers. */
async function started(protocol: 1 | 2, deliveryTimeoutMs = 2_000) {
  const client = scriptedClient({ counts: { leaders: [1, 1, 1, 1] } })
  const { wire } = client
  const written: Written[] = []
  const logs = new Map<number, number>()
  let epoch = 0
  const accept = ({ topicData }: Produce) => ({
    responses: topicData.map(({ name, partitionData }) => ({
      name,
      topicId: '0'.repeat(32),
      partitionResponses: partitionData.map(({ index, records }) => {
        const baseOffset = logs.get(index) ?? 0
        for (const header of readBatchHeaders(records ?? new Uint8Array(0))) {
          const { baseSequence: sequence, producerEpoch, count } = header
          written.push({ partition: index, sequence, epoch: producerEpoch, count })
          logs.set(index, baseOffset + count)
        }
        return { index, errorCode: 0, baseOffset }
      }),
    })),
  })
  wire
    .speaks(describeTransactions, undefined)
    .speaks(describeProducers, undefined)
    .on(findCoordinator, ({ coordinatorKeys }) => ({
      coordinators: coordinatorKeys.map((key) => {
        return { key, nodeId: 2, host: '', port: 0, errorCode: 0 }
      }),
    }))
    .on(initProducerId, () => ({
      throttleTimeMs: 0,
      errorCode: 0,
      producerId: 9,
      producerEpoch: ++epoch,
    }))
    .on(addPartitionsToTxn, ({ v3AndBelowTopics }) => ({
      throttleTimeMs: 0,
      resultsByTopicV3AndBelow: v3AndBelowTopics.map(({ name, partitions }) => ({
        name,
        resultsByPartition: partitions.map((partitionIndex) => {
          return { partitionIndex, partitionErrorCode: 0 }
        }),
      })),
    }))
    .on(addOffsetsToTxn, () => ({ throttleTimeMs: 0, errorCode: 0 }))
    .on(produce, accept)
    .on(txnOffsetCommit, () => refused(0))
    .on(endTxn, () => ended(0))
  const refused = (errorCode: number) => ({
    throttleTimeMs: 0,
    topics: [{ name: 'lines', partitions: [{ partitionIndex: 0, errorCode }] }],
  })
  const ended = (errorCode: number) => ({
    throttleTimeMs: 0,
    errorCode,
    ...(protocol === 2 && errorCode === 0 ? { producerId: 9, producerEpoch: ++epoch } : {}),
  })
  await client.metadata.topics(['counts'])
  const context = {
    ...client,
    env: quietEnv,
    capabilities: { transactionProtocol: protocol, clusterId: null },
    compress: () => new Uint8Array(0),
    decompress: () => new Uint8Array(0),
    requestTimeoutMs: 2_000,
  }
  const producer = transactionalProducer(context, {
    transactionalId: 'counts-1',
    groupId: group.groupId,
    transactionTimeoutMs: 10_000,
    deliveryTimeoutMs,
    compression: 'none',
    batchBytesMax: 1_000,
  })
  await producer.initialise()
  wire.sent.length = 0
  const write = (partition: number, records: number) => {
    const handle = producer.output.open('counts', partition)
    for (let i = 0; i < records; i++) handle.append(1, value, -1, -1, value, 0, 100, noHeaders)
  }
  const commit = () => producer.commit(producer.seal(), positions, group)
  return { wire, producer, write, commit, written, accept, refused, ended }
}

const apis = (wire: { readonly sent: readonly { readonly api: string }[] }) =>
  wire.sent.map(({ api }) => api).filter((api) => api !== 'Metadata' && api !== 'FindCoordinator')

test('protocol 2 writes output and positions and ends, in its three versions', async () => {
  const { wire, write, commit } = await started(2)
  write(0, 3)
  write(2, 2)
  const outcome = await commit()
  expect(outcome).toEqual({
    kind: 'ok',
    ends: new Map([
      ['counts-0', 3],
      ['counts-2', 2],
    ]),
  })
  expect(apis(wire).toSorted()).toEqual(['EndTxn', 'Produce', 'TxnOffsetCommit'])
  expect(wire.asked(produce)[0]?.version).toBe(12)
  expect(wire.asked(txnOffsetCommit)[0]?.version).toBe(5)
  expect(wire.asked(endTxn)[0]?.version).toBe(5)
})

test('protocol 1 adds partitions and group first, in its own versions', async () => {
  const { wire, write, commit } = await started(1)
  write(0, 1)
  await commit()
  expect(apis(wire).slice(0, 2).toSorted()).toEqual(['AddOffsetsToTxn', 'AddPartitionsToTxn'])
  expect(apis(wire).at(-1)).toBe('EndTxn')
  expect(wire.asked(addPartitionsToTxn)[0]?.version).toBe(3)
  expect(wire.asked(produce)[0]?.version).toBe(11)
  expect(wire.asked(txnOffsetCommit)[0]?.version).toBe(4)
  expect(wire.asked(endTxn)[0]?.version).toBe(4)
})

test('sequences go on in the same epoch and start again in the next', async () => {
  const one = await started(1)
  const two = await started(2)
  for (const { write, commit } of [one, two]) {
    write(0, 3)
    await commit()
    write(0, 2)
    await commit()
  }
  expect(one.written).toMatchObject([
    { sequence: 0, epoch: 1 },
    { sequence: 3, epoch: 1 },
  ])
  expect(two.written).toMatchObject([
    { sequence: 0, epoch: 1 },
    { sequence: 0, epoch: 2 },
  ])
})

test('the batches of a partition go out in sequence, the first of them alone', async () => {
  const { wire, write, commit, written } = await started(2)
  write(0, 30)
  const outcome = await commit()
  expect(outcome).toMatchObject({ ends: new Map([['counts-0', 30]]) })
  expect(written.map(({ sequence }) => sequence)).toEqual([0, 8, 16, 24])
  expect(wire.asked(produce)).toHaveLength(4)
})

test('a batch whose reply was lost is sent again with the same sequence', async () => {
  const { wire, write, commit, written, accept } = await started(2)
  let replies = 0
  wire.on(produce, (message) => {
    const answer = accept(message)
    return ++replies === 1 ? new WireError('closed', 'gone', true) : answer
  })
  write(1, 2)
  expect(await commit()).toMatchObject({ kind: 'ok' })
  expect(written.map(({ sequence }) => sequence)).toEqual([0, 0])
})

test('batches that overtook a failed one are sent again after it', async () => {
  const { wire, write, commit, written, accept } = await started(2)
  let requests = 0
  wire.on(produce, (message) => {
    requests++
    const errorCode = requests === 2 ? 19 : 45
    if (requests === 2 || requests === 3) {
      return {
        responses: [
          {
            name: 'counts',
            topicId: '0'.repeat(32),
            partitionResponses: [{ index: 0, errorCode, baseOffset: -1 }],
          },
        ],
      }
    }
    return accept(message)
  })
  write(0, 24)
  expect(await commit()).toMatchObject({ kind: 'ok' })
  expect(written.map(({ sequence }) => sequence)).toEqual([0, 8, 16])
})

test('positions of an old generation abort the transaction and fence the epoch', async () => {
  const { wire, write, commit, refused } = await started(2)
  wire.on(txnOffsetCommit, () => refused(22))
  write(0, 1)
  const outcome = await commit()
  expect(outcome).toMatchObject({ kind: 'fenced', error: { code: 'KAFKA_ILLEGAL_GENERATION' } })
  expect(wire.asked(endTxn).map(({ message }) => message)).toMatchObject([{ committed: false }])
})

test('a commit whose reply is lost is settled by asking again', async () => {
  const { wire, write, commit, ended } = await started(2)
  const answers = [new WireError('timeout', 'silent', true), ended(51), ended(0)]
  wire.on(endTxn, () => answers.shift() ?? new Error('asked too often'))
  write(0, 1)
  expect(await commit()).toMatchObject({ kind: 'ok' })
  expect(answers).toHaveLength(0)
})

test('a commit that stays without an answer is unknown, and costs the epoch', async () => {
  const { wire, write, commit, producer, ended } = await started(2, 60)
  wire.on(endTxn, () => new WireError('timeout', 'silent', true))
  write(0, 1)
  expect(await commit()).toMatchObject({ kind: 'unknown', error: { code: 'BROKER_SILENT' } })
  wire.on(endTxn, () => ended(0))
  write(0, 1)
  expect(await commit()).toMatchObject({ error: { code: 'PRODUCER_NOT_INITIALISED' } })
  await producer.initialise()
  write(0, 1)
  expect(await commit()).toMatchObject({ kind: 'ok' })
})

test('a commit that certainly never left is an abort', async () => {
  const { wire, write, commit } = await started(2, 60)
  wire.on(endTxn, () => new WireError('unreachable', 'refused', false))
  write(0, 1)
  expect(await commit()).toMatchObject({ kind: 'abort' })
})

test('a batch over the limit of the topic is fatal and says which, and how large', async () => {
  const { wire, write, commit } = await started(2)
  wire.on(produce, ({ topicData }) => ({
    responses: topicData.map(({ name, partitionData }) => ({
      name,
      topicId: '0'.repeat(32),
      partitionResponses: partitionData.map(({ index }) => {
        return { index, errorCode: 10, baseOffset: -1 }
      }),
    })),
  }))
  write(3, 2)
  const outcome = await commit()
  expect(outcome).toMatchObject({ kind: 'fatal', error: { code: 'RECORD_TOO_LARGE' } })
  expect(outcome).toMatchObject({ error: { where: { topic: 'counts', partition: 3 } } })
  expect(String(Reflect.get(outcome, 'error'))).toMatch(
    /max\.message\.bytes.*2 records of \d+ bytes/,
  )
})

test('an epoch without records and positions asks nothing of the cluster', async () => {
  const { wire, producer } = await started(2)
  expect(await producer.commit(producer.seal(), [], group)).toEqual({ kind: 'ok', ends: new Map() })
  expect(wire.sent).toHaveLength(0)
})

test('positions are never committed without a member', async () => {
  const { write, producer } = await started(2)
  write(0, 1)
  const nobody = { ...group, memberId: '', generation: generation(-1) }
  await expect(producer.commit(producer.seal(), positions, nobody)).rejects.toThrow(/member/)
})

test('output to a topic that is not known is an error that names it', async () => {
  const { producer } = await started(2)
  expect(producer.output.partitionsOf('counts')).toBe(4)
  expect(() => producer.output.partitionsOf('absent')).toThrow(/absent/)
})
