import { expect, test } from '@jest/globals'
import type { EncodedRequest } from '../../src/kafka/protocol/codec.ts'
import { encodeResponse } from '../../src/kafka/protocol/codec.ts'
import { heartbeat, joinGroup, syncGroup } from '../../src/kafka/protocol/messages/index.ts'
import { eventually } from '../../cluster/eventually.ts'
import { placesOf } from '../../src/group/directory.ts'
import type { RigMember } from '../support/rig-member.ts'
import { type ContractBroker, describeEachBroker } from './brokers.ts'
import { type Fate, faultyWire, once } from './faulty-wire.ts'
import { GroupRig } from './group-rig.ts'

const tasks = 6
const shortest = { direct: 3_000, tcp: 3_000, real: 6_000 } as const

async function rigOf(broker: ContractBroker): Promise<GroupRig> {
  return new GroupRig(broker, await broker.topic(tasks), tasks)
}

/** Waits until these members run all tasks evenly, in the same generation. */
async function settled(rig: GroupRig, ...members: readonly RigMember[]): Promise<void> {
  await eventually(() => {
    expect(members.map(({ owned }) => owned.size)).toEqual(
      members.map(() => tasks / members.length),
    )
    const [first, ...others] = members.map(({ member }) => member.identity()?.generation)
    expect(first).toBeDefined()
    expect(others).toEqual(others.map(() => first))
  }, 20_000)
  expect(rig.clashes).toEqual([])
}

describeEachBroker(
  'membership',
  (broker) => {
    test('one, two and three members share the tasks, none of which has two owners', async () => {
      const rig = await rigOf(broker())
      const one = (await rig.member('processa')).start()
      await settled(rig, one)
      const two = (await rig.member('processb')).start()
      await settled(rig, one, two)
      const three = (await rig.member('processc')).start()
      await settled(rig, one, two, three)
      expect(one.member.identity()).toMatchObject({ groupId: rig.groupId, instanceId: null })
      expect([one.lost, two.lost, three.lost]).toEqual([undefined, undefined, undefined])
    })

    test('members tell who runs what; a group without any takes new positions', async () => {
      const rig = await rigOf(broker())
      const { admin } = await broker().connect()
      expect(await admin.groupMembers(rig.groupId)).toEqual([])
      const one = (await rig.member('processa')).start()
      const two = (await rig.member('processb')).start()
      await settled(rig, one, two)
      const places = await eventually(async () => {
        const members = await admin.groupMembers(rig.groupId)
        expect(members).toHaveLength(2)
        return placesOf(members ?? [])
      })
      const shown = new Map(places.map(({ process, active }) => [process, new Set(active)]))
      expect(shown).toEqual(
        new Map([
          ['processa', one.owned],
          ['processb', two.owned],
        ]),
      )
      await expect(admin.deleteGroup(rig.groupId)).rejects.toMatchObject({
        code: 'KAFKA_NON_EMPTY_GROUP',
      })
      await one.member.leave()
      await two.member.leave()
      expect(await admin.groupMembers(rig.groupId)).toEqual([])
      await admin.deleteGroup(rig.groupId)
      await admin.deleteGroup(rig.groupId)
      const input = { topic: rig.topic, partition: 1 }
      await admin.commitPositions(rig.groupId, [{ ...input, offset: 0 }])
      const committed = await admin.committedOffsets(rig.groupId, [input])
      expect(committed.get(`${rig.topic}-1`)).toMatchObject({ offset: 0, metadata: '' })
    })

    test('a round waits until what is in flight is committed in the old generation', async () => {
      const rig = await rigOf(broker())
      const committing = Promise.withResolvers<void>()
      const one = (await rig.member('processa', { onRejoin: () => committing.promise })).start()
      await settled(rig, one)
      const two = (await rig.member('processb')).start()
      await eventually(() => expect(one.rejoins).toBe(1))
      expect(one.member.identity()?.generation).toBe(1)
      expect(two.generations).toEqual([])
      committing.resolve()
      await settled(rig, one, two)
    })

    test('a member that leaves hands its tasks over at once', async () => {
      const rig = await rigOf(broker())
      const one = (await rig.member('processa')).start()
      const two = (await rig.member('processb')).start()
      await settled(rig, one, two)
      await two.leave()
      await settled(rig, one)
      expect(two.member.identity()).toBeUndefined()
    })

    test('a static member that restarts is back in the same generation, unnoticed', async () => {
      const rig = await rigOf(broker())
      const one = (await rig.member('processa', { instanceId: 'a' })).start()
      const two = (await rig.member('processb', { instanceId: 'b' })).start()
      await settled(rig, one, two)
      const { generation } = one.member.identity() ?? {}
      const [before, rejoins] = [new Set(two.owned), one.rejoins]
      await two.vanish()
      const again = (await rig.member('processb', { instanceId: 'b' })).start()
      await eventually(() => expect(again.owned).toEqual(before))
      expect(again.generations).toEqual([generation])
      expect(one.rejoins).toBe(rejoins)
      await settled(rig, one, again)
    })

    test('a static leader that restarts leaves the assignment as it is', async () => {
      const rig = await rigOf(broker())
      const leader = (await rig.member('processa', { instanceId: 'a' })).start()
      await settled(rig, leader)
      const two = (await rig.member('processb', { instanceId: 'b' })).start()
      await settled(rig, leader, two)
      const { generation } = two.member.identity() ?? {}
      await leader.vanish()
      const again = (await rig.member('processa', { instanceId: 'a' })).start()
      await settled(rig, again, two)
      expect(again.generations).toEqual([generation])
      // It leads as before: a third member gets its share.
      const three = (await rig.member('processc', { instanceId: 'c' })).start()
      await settled(rig, again, two, three)
    })

    test('of two processes with one instance id the older one stops and says why', async () => {
      const rig = await rigOf(broker())
      const older = (await rig.member('processa', { instanceId: 'a' })).start()
      await settled(rig, older)
      const held = new Set(older.owned)
      const newer = await rig.member('processa', { instanceId: 'a' })
      newer.start()
      await eventually(() => expect(older.fatal).toMatchObject({ code: 'INSTANCE_FENCED' }))
      expect(older.lost).toMatchObject({ code: 'INSTANCE_FENCED' })
      expect(older.member.identity()).toBeUndefined()
      await eventually(() => expect(newer.owned).toEqual(held))
      expect(newer.fatal).toBeUndefined()
    })

    test('a member that cannot beat knows its loss before the others get its tasks', async () => {
      const rig = await rigOf(broker())
      const sessionTimeoutMs = shortest[broker().kind]
      let cutOff = false
      const cut = (): Fate => (cutOff ? 'lose-request' : undefined)
      const zombie = await rig.member('processa', {
        sessionTimeoutMs,
        through: (wire) => faultyWire(wire, cut),
      })
      zombie.start()
      const other = (await rig.member('processb', { sessionTimeoutMs })).start()
      await settled(rig, zombie, other)
      cutOff = true
      await eventually(() => expect(other.owned.size).toBe(tasks), sessionTimeoutMs + 10_000)
      expect(zombie.lost).toMatchObject({ code: 'SESSION_EXPIRED' })
      expect(zombie.member.identity()).toBeUndefined()
      expect(other.fenced).toEqual([zombie.transactionalId])
      cutOff = false
      await settled(rig, zombie, other)
    }, 40_000)

    for (const api of ['JoinGroup', 'SyncGroup'] as const) {
      test(`a lost answer to ${api} costs no task: the member asks again`, async () => {
        const rig = await rigOf(broker())
        const one = (await rig.member('processa')).start()
        await settled(rig, one)
        const fate = once(api, 'lose-reply', { skip: api === 'JoinGroup' ? 1 : 0 })
        const through = {
          through: (wire: Parameters<typeof faultyWire>[0]) => faultyWire(wire, fate),
        }
        const two = (await rig.member('processb', through)).start()
        await settled(rig, one, two)
        expect(one.lost).toBeUndefined()
      })
    }

    test('an answer that is lost in silence is asked for again within the session', async () => {
      const { embedded } = broker()
      const rig = await rigOf(broker())
      const session = { sessionTimeoutMs: shortest[broker().kind] }
      const one = (await rig.member('processa', session)).start()
      await settled(rig, one)
      // A real Kafka answers; the round is the same.
      const action = { kind: 'lose-reply', connection: 'silence' } as const
      const takeAway = [joinGroup, syncGroup].map(({ key }) =>
        embedded?.addFault({ action, apiKey: key, skip: 1 }),
      )
      const two = (await rig.member('processb', session)).start()
      await settled(rig, one, two)
      for (const take of takeAway) take?.()
      expect([one.lost, two.lost]).toEqual([undefined, undefined])
    }, 40_000)

    test('a worker with another topology stops, the running ones go on', async () => {
      const rig = await rigOf(broker())
      const one = (await rig.member('processa')).start()
      await settled(rig, one)
      const other = (await rig.member('processb', { fingerprint: 'f2' })).start()
      await eventually(() => expect(other.fatal).toMatchObject({ code: 'TOPOLOGY_MISMATCH' }))
      expect(String(other.fatal)).toMatch(/f2.*f1/s)
      expect(one.owned.size).toBe(tasks)
      await settled(rig, one)
    })

    test('members follow their coordinator to another broker and keep their tasks', async () => {
      const rig = await rigOf(broker())
      const one = (await rig.member('processa')).start()
      const two = (await rig.member('processb')).start()
      await settled(rig, one, two)
      // A real Kafka is one broker here: nothing moves, and the same has to hold.
      for (const to of [1, 2, 3]) broker().embedded?.moveCoordinator('group', rig.groupId, to)
      const three = (await rig.member('processc')).start()
      await settled(rig, one, two, three)
      expect([one.lost, two.lost]).toEqual([undefined, undefined])
    })

    test('a broker that is not the coordinator any more is asked no second time', async () => {
      const rig = await rigOf(broker())
      const asked: string[] = []
      const movedOnce = ({ apiName, apiVersion }: EncodedRequest): Fate => {
        asked.push(apiName)
        const first = asked.filter((name) => name === apiName).length === 1
        if (!first || (apiName !== 'Heartbeat' && apiName !== 'SyncGroup')) return undefined
        const errorCode = 16
        return {
          answer:
            apiName === 'Heartbeat'
              ? encodeResponse(heartbeat, apiVersion, { errorCode })
              : encodeResponse(syncGroup, apiVersion, { errorCode, assignment: new Uint8Array(0) }),
        }
      }
      const one = await rig.member('processa', { through: (wire) => faultyWire(wire, movedOnce) })
      one.start()
      await settled(rig, one)
      await eventually(() => {
        expect(asked.filter((name) => name === 'Heartbeat').length).toBeGreaterThan(1)
      })
      expect(asked.filter((name) => name === 'FindCoordinator')).toHaveLength(3)
      expect(one.lost).toBeUndefined()
    })
  },
  { sessionTimeoutMsMin: 500 },
)
