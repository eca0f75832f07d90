import { expect, test } from '@jest/globals'
import { errorCode } from '../../src/kafka/protocol/error-codes.ts'
import { describeTransactions, writeTxnMarkers } from '../../src/kafka/protocol/messages/index.ts'
import { describeEachBroker } from './brokers.ts'
import { markerRig } from './marker-rig.ts'

const timeoutMs = 15_000
const fenced = errorCode('INVALID_PRODUCER_EPOCH')
const unstable = errorCode('UNSTABLE_OFFSET_COMMIT')
const outcomes = [
  { committed: true, state: 'CompleteCommit' },
  { committed: false, state: 'CompleteAbort' },
]

for (const protocol of [1, 2] as const) {
  /** How far the end of a transaction is above its data. */
  const bump = protocol - 1

  describeEachBroker(`markers by protocol ${protocol}`, (broker) => {
    test('an open transaction is told by its coordinator and by its partitions', async () => {
      const rig = await markerRig(broker(), protocol)
      const { producerId, producerEpoch } = rig.producer
      const none = { transactionState: 'Empty', transactionStartTimeMs: -1, topics: [] }
      expect(await rig.transaction()).toMatchObject({ ...none, producerId, producerEpoch })
      expect(await rig.producerAt(rig.output)).toBeUndefined()
      await rig.begin('a', 7)
      const open = await rig.transaction()
      expect(open).toMatchObject({ transactionState: 'Ongoing', producerId, producerEpoch })
      const parts = [rig.output, rig.positions].map(({ topic, partition }) => ({
        topic,
        partitions: [partition],
      }))
      expect(open?.topics).toHaveLength(2)
      expect(open?.topics).toEqual(expect.arrayContaining(parts))
      const told = { producerId, producerEpoch, coordinatorEpoch: -1 }
      const atOutput = await rig.producerAt(rig.output)
      expect(atOutput).toMatchObject({ ...told, lastSequence: 0, currentTxnStartOffset: 0 })
      const atPositions = await rig.producerAt(rig.positions)
      expect(atPositions).toMatchObject(told)
      expect(atPositions?.currentTxnStartOffset).toBeGreaterThanOrEqual(0)
      expect(await rig.ends()).toEqual([0, 1])
      expect(await rig.position()).toMatchObject({ errorCode: unstable })
      await rig.end(false)
    })

    test.each(outcomes)('after its end ($state) nothing is open', async ({ committed, state }) => {
      const rig = await markerRig(broker(), protocol)
      await rig.begin('a', 7)
      const { producerId, producerEpoch: before } = rig.producer
      await rig.end(committed)
      const producerEpoch = before + bump
      const ended = { transactionState: state, producerId, producerEpoch, topics: [] }
      expect(await rig.transaction()).toMatchObject(ended)
      const closed = { producerId, producerEpoch, currentTxnStartOffset: -1 }
      expect(await rig.producerAt(rig.output)).toMatchObject(closed)
      expect(await rig.producerAt(rig.positions)).toMatchObject(closed)
      expect(await rig.ends()).toEqual([2, 2])
      expect(await rig.position()).toEqual({ offset: committed ? 7 : -1, errorCode: 0 })
    })

    test.each([
      { version: 1, transactionVersion: 0 },
      { version: 2, transactionVersion: 0 },
      { version: 2, transactionVersion: 2 },
    ] as const)(
      'a marker where nothing is open is taken, one of a lower epoch is not (%p)',
      async (versions) => {
        const rig = await markerRig(broker(), protocol)
        await rig.begin('a', 7)
        await rig.end(true)
        const { producerEpoch } = rig.producer
        for (const at of [rig.output, rig.positions]) {
          expect(await rig.mark({ at, epoch: producerEpoch + 1, ...versions })).toBe(0)
          expect(await rig.mark({ at, epoch: producerEpoch + 1, ...versions })).toBe(0)
          expect(await rig.mark({ at, epoch: producerEpoch, ...versions })).toBe(fenced)
        }
        expect(await rig.ends()).toEqual([4, 4])
        expect(await rig.position()).toEqual({ offset: 7, errorCode: 0 })
      },
    )
  })
}

describeEachBroker('markers written by hand', (broker) => {
  test.each(outcomes)(
    'they end an open transaction where they are written ($state)',
    async (to) => {
      const commit = to.committed
      const rig = await markerRig(broker(), 2)
      await rig.begin('a', 7)
      const { producerEpoch } = rig.producer
      const equal = { epoch: producerEpoch, commit, transactionVersion: 2 }
      expect(await rig.mark({ at: rig.output, ...equal })).toBe(fenced)
      expect(await rig.mark({ at: rig.positions, ...equal })).toBe(fenced)
      const above = { ...equal, epoch: producerEpoch + 1 }
      expect(await rig.mark({ at: rig.output, ...above })).toBe(0)
      expect(await rig.ends()).toEqual([2, 2])
      expect(await rig.position()).toMatchObject({ errorCode: unstable })
      expect(await rig.mark({ at: rig.positions, ...above })).toBe(0)
      expect(await rig.position()).toEqual({ offset: commit ? 7 : -1, errorCode: 0 })
      expect(await rig.transaction()).toMatchObject({ transactionState: 'Ongoing', producerEpoch })
      await rig.end(commit)
      expect(await rig.transaction()).toMatchObject({ transactionState: to.state })
      expect(await rig.ends()).toEqual([3, 3])
    },
  )

  test('a marker of an older coordinator than the last is refused', async () => {
    const rig = await markerRig(broker(), 2)
    for (const at of [rig.output, rig.positions]) {
      const marking = { at, epoch: 0 }
      expect(await rig.mark({ ...marking, coordinatorEpoch: 5 })).toBe(0)
      expect(await rig.mark({ ...marking, coordinatorEpoch: 4 })).toBe(
        errorCode('TRANSACTION_COORDINATOR_FENCED'),
      )
    }
  })

  test('a partition that does not exist is unknown, as is a transactional id', async () => {
    const { client, output } = await markerRig(broker(), 2)
    const { node } = await client.metadata.leaderOf(output)
    const topics = [{ name: output.topic, partitionIndexes: [9] }]
    const marker = { producerId: 0, producerEpoch: 0, transactionResult: true, topics }
    const message = { markers: [{ ...marker, coordinatorEpoch: 0 }] }
    const marked = await client.requests.send(writeTxnMarkers, { node, message, timeoutMs })
    const unknown = errorCode('UNKNOWN_TOPIC_OR_PARTITION')
    expect(marked.markers[0]?.topics[0]?.partitions[0]?.errorCode).toBe(unknown)
    const transactionalId = broker().unique('absent')
    const coordinator = await client.coordinators.of('transaction', transactionalId)
    const described = await client.requests.send(describeTransactions, {
      node: coordinator,
      message: { transactionalIds: [transactionalId] },
      timeoutMs,
    })
    const notFound = errorCode('TRANSACTIONAL_ID_NOT_FOUND')
    expect(described.transactionStates[0]?.errorCode).toBe(notFound)
  })
})
