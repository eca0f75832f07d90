import { expect, test } from '@jest/globals'
import { encodeResponse } from '../../src/kafka/protocol/codec.ts'
import { produce } from '../../src/kafka/protocol/messages/index.ts'
import { generation } from '../../src/model/ids.ts'
import { type ContractBroker, describeEachBroker } from './brokers.ts'
import {
  epochRig,
  openProducer,
  pendingOn,
  position,
  positionsAt,
  read,
  type RigOptions,
} from './epoch-rig.ts'
import { type Fate, faultyWire, once } from './faulty-wire.ts'
import { expel, joinAlone } from './raw-member.ts'

const protocols = [1, 2] as const

/** A rig whose requests meet a fate. */
const faulty = (
  broker: ContractBroker,
  options: RigOptions,
  fate: Parameters<typeof faultyWire>[1],
) => epochRig(broker, { ...options, through: (wire) => faultyWire(wire, fate) })

for (const protocol of protocols) {
  describeEachBroker(`transactions by protocol ${protocol}`, (broker) => {
    test('output and positions of an epoch appear together', async () => {
      const rig = await epochRig(broker(), { protocol })
      rig.write(['a', 'b'])
      rig.write(['c'], 1)
      const first = await rig.commit(7)
      expect(first).toEqual({
        kind: 'ok',
        ends: new Map([
          [`${rig.output}-0`, 2],
          [`${rig.output}-1`, 1],
        ]),
      })
      rig.write(['d'])
      // The marker of the first transaction lies between both.
      const second = await rig.commit(9)
      expect(second).toEqual({ kind: 'ok', ends: new Map([[`${rig.output}-0`, 4]]) })
      expect(await read(broker(), rig.output)).toEqual(['a', 'b', 'd', 'c'])
      expect(await position(rig.client, rig.groupId, rig.input)).toBe(9)
    })

    test('an epoch of positions alone is committed', async () => {
      const rig = await epochRig(broker(), { protocol })
      expect(await rig.commit(5)).toEqual({ kind: 'ok', ends: new Map() })
      expect(await position(rig.client, rig.groupId, rig.input)).toBe(5)
    })

    test('a large epoch keeps its order over many batches and partitions', async () => {
      const rig = await epochRig(broker(), { protocol, producer: { batchBytesMax: 2_000 } })
      const values = Array.from({ length: 1_000 }, (_, i) => `value ${i}`)
      rig.write(values)
      rig.write(values, 1)
      expect(await rig.commit(1)).toMatchObject({ kind: 'ok' })
      expect(await read(broker(), rig.output)).toEqual([...values, ...values])
    })

    test('each codec is written so that it can be read', async () => {
      for (const compression of ['gzip', 'lz4', 'zstd'] as const) {
        const rig = await epochRig(broker(), { protocol, producer: { compression } })
        const values = Array.from({ length: 100 }, (_, i) => `value ${i}`)
        rig.write(values)
        expect(await rig.commit(1)).toMatchObject({ kind: 'ok' })
        expect(await read(broker(), rig.output)).toEqual(values)
      }
    })

    test('positions of an old generation are refused, and the output with them', async () => {
      const rig = await epochRig(broker(), { protocol })
      rig.write(['kept'])
      await rig.commit(1)
      const old = { ...rig.member, generation: generation(rig.member.generation - 1) }
      rig.write(['lost'])
      expect(await rig.commit(2, old)).toMatchObject({
        kind: 'fenced',
        error: { code: 'KAFKA_ILLEGAL_GENERATION' },
      })
      expect(await read(broker(), rig.output)).toEqual(['kept'])
      expect(await read(broker(), rig.output, 'read_uncommitted')).toEqual(['kept', 'lost'])
      expect(await position(rig.client, rig.groupId, rig.input)).toBe(1)
    })

    test('positions of an expelled member are refused, and the output with them', async () => {
      const rig = await epochRig(broker(), { protocol })
      await expel(rig.client, rig.member)
      const newcomer = await joinAlone(rig.client, rig.groupId)
      rig.write(['lost'])
      expect(await rig.commit(2)).toMatchObject({
        kind: 'fenced',
        error: { code: 'KAFKA_UNKNOWN_MEMBER_ID' },
      })
      expect(await read(broker(), rig.output)).toEqual([])
      await rig.producer.initialise()
      rig.write(['kept'])
      expect(await rig.commit(3, newcomer)).toMatchObject({ kind: 'ok' })
      expect(await read(broker(), rig.output)).toEqual(['kept'])
    })

    test('positions of a static member that was replaced are refused', async () => {
      const instanceId = broker().unique('instance')
      const rig = await epochRig(broker(), { protocol, instanceId })
      const successor = await joinAlone(rig.client, rig.groupId, { instanceId })
      expect(successor.memberId).not.toBe(rig.member.memberId)
      rig.write(['lost'])
      expect(await rig.commit(2)).toMatchObject({
        kind: 'fenced',
        error: { code: 'KAFKA_FENCED_INSTANCE_ID' },
      })
      expect(await read(broker(), rig.output)).toEqual([])
    })

    test('positions are not told while a transaction on them is pending', async () => {
      const held = Promise.withResolvers<void>()
      const rig = await faulty(broker(), { protocol }, once('EndTxn', { after: held.promise }))
      rig.write(['a'])
      const committing = rig.commit(4)
      const other = await broker().connect()
      await pendingOn(other, rig.groupId, rig.input)
      const told = position(other, rig.groupId, rig.input)
      held.resolve()
      expect(await committing).toMatchObject({ kind: 'ok' })
      expect(await told).toBe(4)
    })

    for (const apiName of ['Produce', 'TxnOffsetCommit', 'EndTxn'] as const) {
      for (const fate of ['lose-request', 'lose-reply'] as const) {
        test(`an epoch whose ${apiName} meets "${fate}" is there once`, async () => {
          const rig = await faulty(broker(), { protocol }, once(apiName, fate))
          rig.write(['a', 'b'])
          rig.write(['c'], 1)
          expect(await rig.commit(3)).toMatchObject({ kind: 'ok' })
          rig.write(['d'])
          expect(await rig.commit(4)).toMatchObject({ kind: 'ok' })
          expect(await read(broker(), rig.output)).toEqual(['a', 'b', 'd', 'c'])
          expect(await read(broker(), rig.output, 'read_uncommitted')).toHaveLength(4)
          expect(await position(rig.client, rig.groupId, rig.input)).toBe(4)
        })
      }
    }

    test('a commit that is never answered is unknown, and the positions settle it', async () => {
      const rig = await faulty(
        broker(),
        { protocol, producer: { deliveryTimeoutMs: 400 } },
        once('EndTxn', 'lose-reply', { times: 1_000 }),
      )
      rig.write(['a'])
      expect(await rig.commit(6)).toMatchObject({ kind: 'unknown' })
      expect(await rig.producer.initialise()).toEqual({ kind: 'ok' })
      expect(await position(rig.client, rig.groupId, rig.input)).toBe(6)
      expect(await read(broker(), rig.output)).toEqual(['a'])
    })

    test('a commit that never arrives is unknown, and is aborted by the next epoch', async () => {
      const rig = await faulty(
        broker(),
        { protocol, producer: { deliveryTimeoutMs: 400 } },
        once('EndTxn', 'lose-request', { times: 1_000 }),
      )
      rig.write(['a'])
      expect(await rig.commit(6)).toMatchObject({ kind: 'unknown' })
      expect(await rig.producer.initialise()).toEqual({ kind: 'ok' })
      expect(await position(rig.client, rig.groupId, rig.input)).toBeUndefined()
      expect(await read(broker(), rig.output)).toEqual([])
    })

    test('a sequence gap aborts the epoch, and a new producer epoch heals it', async () => {
      // The second epoch's first batch is swallowed and acknowledged; its second leaves a gap.
      let swallow = false
      const rig = await faulty(
        broker(),
        { protocol, producer: { batchBytesMax: 1_000 } },
        (request): Fate => {
          if (request.apiName !== 'Produce' || !swallow) return undefined
          swallow = false
          return { answer: acknowledged(request.apiVersion, rig.output) }
        },
      )
      rig.write(['first'])
      await rig.commit(1)
      swallow = true
      rig.write(Array.from({ length: 100 }, (_, i) => `lost ${i}`))
      expect(await rig.commit(2)).toMatchObject({
        kind: 'abort',
        error: { code: 'KAFKA_OUT_OF_ORDER_SEQUENCE_NUMBER' },
      })
      await rig.producer.initialise()
      rig.write(['last'])
      expect(await rig.commit(3)).toMatchObject({ kind: 'ok' })
      expect(await read(broker(), rig.output)).toEqual(['first', 'last'])
    })

    test('a producer is fenced by another one with its id', async () => {
      const rig = await epochRig(broker(), { protocol })
      const other = openProducer(await broker().connect(), rig.transactionalId)
      await other.initialise()
      rig.write(['lost'])
      expect(await rig.commit(1)).toMatchObject({ kind: 'fenced' })
      expect(await read(broker(), rig.output)).toEqual([])
    })

    test('the transaction of a dead producer is listed, and ended by its successor', async () => {
      const held = Promise.withResolvers<void>()
      const rig = await faulty(broker(), { protocol }, once('EndTxn', { after: held.promise }))
      rig.write(['lost'])
      const dying = rig.commit(8)
      const other = await broker().connect()
      await pendingOn(other, rig.groupId, rig.input)
      expect(await other.admin.openTransactions(rig.transactionalId)).toEqual([rig.transactionalId])
      const start = performance.now()
      expect(await openProducer(other, rig.transactionalId).initialise()).toEqual({ kind: 'ok' })
      expect(await position(other, rig.groupId, rig.input)).toBeUndefined()
      expect(performance.now() - start).toBeLessThan(2_000)
      held.resolve()
      expect(await dying).toMatchObject({ kind: 'fenced' })
      expect(await read(broker(), rig.output)).toEqual([])
      expect(await other.admin.openTransactions(rig.transactionalId)).toEqual([])
    })

    test('the transaction of a member that is gone is ended by whoever knows its id', async () => {
      const held = Promise.withResolvers<void>()
      const rig = await faulty(broker(), { protocol }, once('EndTxn', { after: held.promise }))
      rig.write(['lost'])
      const dying = rig.commit(8)
      const other = await broker().connect()
      await pendingOn(other, rig.groupId, rig.input)
      await other.admin.fenceProducers([rig.transactionalId], rig.groupId)
      expect(await position(other, rig.groupId, rig.input)).toBeUndefined()
      held.resolve()
      expect(await dying).toMatchObject({ kind: 'fenced' })
    })

    test('records over the limit of the topic are fatal, said with size and place', async () => {
      const topicConfigs = { 'max.message.bytes': '1000' }
      const rig = await epochRig(broker(), { protocol, topicConfigs })
      rig.write(['x'.repeat(2_000)], 1)
      const outcome = await rig.commit(1)
      expect(outcome).toMatchObject({
        kind: 'fatal',
        error: { code: 'RECORD_TOO_LARGE', where: { topic: rig.output, partition: 1 } },
      })
      await rig.producer.initialise()
      rig.write(['small'])
      expect(await rig.commit(1)).toMatchObject({ kind: 'ok' })
      expect(await read(broker(), rig.output)).toEqual(['small'])
    })

    test('epochs one after the other need no pause of the caller', async () => {
      const rig = await epochRig(broker(), { protocol })
      const values = Array.from({ length: 20 }, (_, i) => `epoch ${i}`)
      for (const [i, value] of values.entries()) {
        rig.write([value])
        expect(await rig.commit(i)).toMatchObject({ kind: 'ok' })
      }
      expect(await read(broker(), rig.output)).toEqual(values)
    })
  })
}

function acknowledged(version: number, name: string) {
  const partitionResponses = [{ index: 0, errorCode: 0, baseOffset: 5 }]
  return encodeResponse(produce, version, { responses: [{ name, partitionResponses }] })
}

for (const protocol of protocols) {
  describeEachBroker(`coordinators that move, protocol ${protocol}`, (broker) => {
    test('positions and commits follow their coordinators', async () => {
      const rig = await epochRig(broker(), { protocol })
      const { embedded } = broker()
      for (const to of [1, 2, 3]) {
        embedded?.moveCoordinator('transaction', rig.transactionalId, to)
        embedded?.moveCoordinator('group', rig.groupId, (to % 3) + 1)
        rig.client.coordinators.forget('group', 'some other group')
        rig.write([`epoch ${to}`])
        const outcome = await rig.producer.commit(
          rig.producer.seal(),
          positionsAt(rig.input, to),
          rig.member,
        )
        expect(outcome).toMatchObject({ kind: 'ok' })
      }
      expect(await read(broker(), rig.output)).toEqual(['epoch 1', 'epoch 2', 'epoch 3'])
      expect(await position(rig.client, rig.groupId, rig.input)).toBe(3)
    })

    test('output follows the leaders of its partitions', async () => {
      const rig = await epochRig(broker(), { protocol })
      for (const to of [1, 2, 3]) {
        broker().embedded?.moveLeader(rig.output, 0, to)
        rig.write([`epoch ${to}`])
        expect(await rig.commit(to)).toMatchObject({ kind: 'ok' })
      }
      expect(await read(broker(), rig.output)).toEqual(['epoch 1', 'epoch 2', 'epoch 3'])
    })
  })
}
