/**
 * A coordinator may complete a transaction without its markers, which a real Kafka does while the
 * partitions have no leader. The embedded broker does it on demand; on a real one the same rows
 * say that looking for such transactions does no harm.
 */
import { expect, test } from '@jest/globals'
import { generation } from '../../src/model/ids.ts'
import { encodeResponse } from '../../src/kafka/protocol/codec.ts'
import { writeTxnMarkers } from '../../src/kafka/protocol/messages/index.ts'
import { describeEachBroker } from './brokers.ts'
import { epochRig, openProducer, pendingOn, position, read } from './epoch-rig.ts'
import { faultyWire, once } from './faulty-wire.ts'

const protocols = [1, 2] as const

for (const protocol of protocols) {
  const forced = protocol === 1 ? { transactionProtocol: 1 as const } : {}
  describeEachBroker(`transactions completed without markers, protocol ${protocol}`, (broker) => {
    test('a committed one is committed by the next producer of its id', async () => {
      const rig = await epochRig(broker(), { protocol })
      rig.write(['a'])
      rig.write(['b'], 1)
      broker().embedded?.loseMarkers()
      expect(await rig.commit(3)).toMatchObject({ kind: 'ok' })
      const successor = openProducer(rig.client, rig.transactionalId, { groupId: rig.groupId })
      expect(await successor.initialise()).toEqual({ kind: 'ok' })
      expect(await read(broker(), rig.output)).toEqual(['a', 'b'])
      expect(await position(rig.client, rig.groupId, rig.input)).toBe(3)
    })

    test('a committed one is committed by whoever fences its producer', async () => {
      const rig = await epochRig(broker(), { protocol })
      rig.write(['a'])
      broker().embedded?.loseMarkers()
      expect(await rig.commit(3)).toMatchObject({ kind: 'ok' })
      const other = await broker().connect(forced)
      await other.admin.describeTopics([rig.output])
      await other.admin.fenceProducers([rig.transactionalId], rig.groupId)
      expect(await read(broker(), rig.output)).toEqual(['a'])
      expect(await position(other, rig.groupId, rig.input)).toBe(3)
    })

    test('who fences remembers the end until its markers are written', async () => {
      const rig = await epochRig(broker(), { protocol })
      rig.write(['a'])
      broker().embedded?.loseMarkers()
      expect(await rig.commit(3)).toMatchObject({ kind: 'ok' })
      let away = true
      const other = await broker().connect({
        ...forced,
        requestTimeoutMs: 1_000,
        through: (wire) =>
          faultyWire(wire, ({ apiName }) =>
            away && apiName === 'WriteTxnMarkers' ? 'lose-request' : undefined,
          ),
      })
      await other.admin.describeTopics([rig.output])
      const fencing = () => other.admin.fenceProducers([rig.transactionalId], rig.groupId)
      const first = await fencing().catch((error: unknown) => error)
      if (broker().embedded !== undefined) expect(first).toBeInstanceOf(Error)
      away = false
      await fencing()
      expect(await read(broker(), rig.output)).toEqual(['a'])
    })

    test('who may not write markers is told what to grant', async () => {
      const refused = (producerId: number) =>
        encodeResponse(writeTxnMarkers, 1, {
          markers: [
            {
              producerId,
              topics: [{ name: 'any', partitions: [{ partitionIndex: 0, errorCode: 31 }] }],
            },
          ],
        })
      const rig = await epochRig(broker(), { protocol })
      rig.write(['a'])
      broker().embedded?.loseMarkers()
      expect(await rig.commit(3)).toMatchObject({ kind: 'ok' })
      const other = await broker().connect({
        ...forced,
        through: (wire) =>
          faultyWire(wire, ({ apiName }) =>
            apiName === 'WriteTxnMarkers' ? { answer: refused(1) } : undefined,
          ),
      })
      await other.admin.describeTopics([rig.output])
      const settings = { groupId: rig.groupId, deliveryTimeoutMs: 500 }
      const outcome = await openProducer(other, rig.transactionalId, settings).initialise()
      const error = { code: 'TRANSACTION_HANGING', message: expect.stringMatching(/ALTER/) }
      const hanging = { kind: 'abort', error }
      expect(outcome).toMatchObject(broker().embedded === undefined ? { kind: 'ok' } : hanging)
    })

    test('an aborted one stays aborted when its producer commits the next', async () => {
      const held = Promise.withResolvers<void>()
      const rig = await epochRig(broker(), {
        protocol,
        through: (wire) => faultyWire(wire, once('EndTxn', { after: held.promise })),
      })
      rig.write(['lost'])
      rig.write(['lost'], 1)
      const dying = rig.commit(8)
      const other = await broker().connect(forced)
      await other.admin.describeTopics([rig.output])
      await pendingOn(other, rig.groupId, rig.input)
      broker().embedded?.loseMarkers()
      const successor = openProducer(other, rig.transactionalId, { groupId: rig.groupId })
      expect(await successor.initialise()).toEqual({ kind: 'ok' })
      held.resolve()
      expect(await dying).toMatchObject({ kind: 'fenced' })
      expect(await position(other, rig.groupId, rig.input)).toBeUndefined()
      expect(await rig.producer.initialise()).toEqual({ kind: 'ok' })
      rig.write(['kept'])
      expect(await rig.commit(9)).toMatchObject({ kind: 'ok' })
      expect(await read(broker(), rig.output)).toEqual(['kept'])
      expect(await position(other, rig.groupId, rig.input)).toBe(9)
    })

    test('one whose answer was lost too is whole when its commit is reported', async () => {
      const rig = await epochRig(broker(), {
        protocol,
        through: (wire) => faultyWire(wire, once('EndTxn', 'lose-reply')),
      })
      rig.write(['a'])
      broker().embedded?.loseMarkers()
      expect(await rig.commit(3)).toMatchObject({ kind: 'ok' })
      expect(await read(broker(), rig.output)).toEqual(['a'])
      expect(await position(rig.client, rig.groupId, rig.input)).toBe(3)
    })

    test('a committed one stays it when its broker was away and the next is aborted', async () => {
      const rig = await epochRig(broker(), { protocol })
      rig.write(['a'])
      expect(await rig.commit(1)).toMatchObject({ kind: 'ok' })
      rig.write(['b'])
      broker().embedded?.loseMarkers()
      expect(await rig.commit(2)).toMatchObject({ kind: 'ok' })
      broker().embedded?.dropConnections()
      // Over TCP a moment passes until the client knows of it.
      await broker().topic()
      rig.write(['lost'])
      const old = { ...rig.member, generation: generation(rig.member.generation - 1) }
      expect(await rig.commit(3, old)).toMatchObject({ kind: 'fenced' })
      expect(await read(broker(), rig.output)).toEqual(['a', 'b'])
      expect(await position(rig.client, rig.groupId, rig.input)).toBe(2)
    })

    test('one that nobody knows the end of is reported, and not guessed', async () => {
      const rig = await epochRig(broker(), { protocol })
      rig.write(['a'])
      broker().embedded?.loseMarkers()
      expect(await rig.commit(3)).toMatchObject({ kind: 'ok' })
      // It knows neither topics nor group, so it ends nothing; the coordinator forgets the end.
      const stranger = await broker().connect()
      await openProducer(stranger, rig.transactionalId, { groupId: null }).initialise()
      const settings = { groupId: rig.groupId, deliveryTimeoutMs: 500 }
      const other = await broker().connect(forced)
      await other.admin.describeTopics([rig.output])
      const outcome = await openProducer(other, rig.transactionalId, settings).initialise()
      const hanging = { kind: 'abort', error: { code: 'TRANSACTION_HANGING' } }
      expect(outcome).toMatchObject(broker().embedded === undefined ? { kind: 'ok' } : hanging)
    })
  })
}
