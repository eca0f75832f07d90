import { expect, test } from '@jest/globals'
import { errorCode } from '../../../../src/kafka/protocol/error-codes.ts'
import { describeGroups } from '../../../../src/kafka/protocol/messages/index.ts'
import { nodeId } from '../../../../src/model/ids.ts'
import { BrokerBench } from './broker-bench.ts'
import { GroupMember, type MemberSettings, textOf } from './group-member.ts'

function stateOf(bench: BrokerBench): string | undefined {
  const message = { groups: ['g'], includeAuthorizedOperations: false }
  return bench.ask(describeGroups, 5, message).get().groups[0]?.groupState
}

/** Members that joined together and have their assignments. */
function stableGroup(bench: BrokerBench, ...settings: readonly MemberSettings[]) {
  const members = settings.map((each) => new GroupMember(bench, 'g', each))
  const joins = members.map((member) => member.join())
  bench.pass(1)
  members.forEach((member, i) => {
    const join = joins[i]
    if (join !== undefined) expect(member.take(join)).toBe(0)
  })
  const syncs = members.filter((member) => !member.leads).map((member) => member.sync())
  const assignments = Object.fromEntries(members.map(({ id }, i) => [id, `part ${i}`]))
  members.find((member) => member.leads)?.sync(assignments)
  for (const sync of syncs) expect(sync.get().errorCode).toBe(0)
  return members
}

test('a dynamic member is given an id first and joins with it', () => {
  const bench = new BrokerBench()
  const member = new GroupMember(bench, 'g')
  const join = member.join()
  expect(member.id).toMatch(/^test-[0-9a-f]{8}-[0-9a-f]{4}-/)
  bench.pass(1)
  expect(member.take(join)).toBe(0)
  expect(member).toMatchObject({ generation: 1, leads: true, known: [member.id] })
})

test('members that come within the initial delay join one generation', () => {
  const bench = new BrokerBench({ initialRebalanceDelayMs: 100 })
  const one = new GroupMember(bench, 'g')
  const two = new GroupMember(bench, 'g')
  const first = one.join()
  bench.pass(60)
  const second = two.join()
  bench.pass(100)
  expect(first.answer).toBeUndefined()
  bench.pass(40)
  expect([one.take(first), two.take(second)]).toEqual([0, 0])
  expect(one.known).toEqual([one.id, two.id])
  expect(two).toMatchObject({ generation: 1, leads: false, known: [] })
})

test('the leader’s assignment reaches every member, whichever asks first', () => {
  const bench = new BrokerBench()
  const [one, two] = stableGroup(bench, {}, {})
  expect(stateOf(bench)).toBe('Stable')
  expect(textOf(one?.sync().get().assignment ?? new Uint8Array(0))).toBe('part 0')
  expect(textOf(two?.sync().get().assignment ?? new Uint8Array(0))).toBe('part 1')
})

test('a newcomer begins a rebalance, in which the old generation may still commit', () => {
  const bench = new BrokerBench()
  bench.topic('lines')
  const [one] = stableGroup(bench, {})
  const newcomer = new GroupMember(bench, 'g')
  const coming = newcomer.join()
  expect(one?.heartbeat()).toBe(errorCode('REBALANCE_IN_PROGRESS'))
  expect(one?.commit('lines')).toBe(0)
  expect(one?.sync().get().errorCode).toBe(errorCode('REBALANCE_IN_PROGRESS'))
  const before = one?.generation
  const again = one?.join()
  if (again !== undefined) expect(one?.take(again)).toBe(0)
  expect(newcomer.take(coming)).toBe(0)
  expect(one?.generation).toBe((before ?? 0) + 1)
  expect(one?.commit('lines')).toBe(errorCode('REBALANCE_IN_PROGRESS'))
})

test('a member that does not rejoin within the rebalance time-out is left out', () => {
  const bench = new BrokerBench()
  const [one, two] = stableGroup(
    bench,
    { rebalanceTimeoutMs: 2_000 },
    { rebalanceTimeoutMs: 3_000 },
  )
  if (one === undefined || two === undefined) throw new Error('no members')
  one.metadata = 'changed'
  const join = one.join()
  bench.pass(2_999)
  expect(join.answer).toBeUndefined()
  bench.pass(1)
  expect(one.take(join)).toBe(0)
  expect(one.known).toEqual([one.id])
  expect(two.heartbeat()).toBe(errorCode('UNKNOWN_MEMBER_ID'))
})

test('a member that is not heard of within its session is expelled', () => {
  const bench = new BrokerBench()
  const [one, two] = stableGroup(bench, {}, {})
  bench.pass(9_000)
  expect(one?.heartbeat()).toBe(0)
  bench.pass(1_000)
  expect(two?.heartbeat()).toBe(errorCode('UNKNOWN_MEMBER_ID'))
  expect(one?.heartbeat()).toBe(errorCode('REBALANCE_IN_PROGRESS'))
})

test('waiting for the others keeps a session alive', () => {
  const bench = new BrokerBench()
  const settings = { sessionTimeoutMs: 6_000, rebalanceTimeoutMs: 20_000 }
  const [one, two] = stableGroup(bench, settings, settings)
  if (one === undefined || two === undefined) throw new Error('no members')
  one.metadata = 'changed'
  const join = one.join()
  for (let i = 0; i < 4; i++) {
    bench.pass(4_000)
    expect(two.heartbeat()).toBe(errorCode('REBALANCE_IN_PROGRESS'))
  }
  const other = two.join()
  expect([one.take(join), two.take(other)]).toEqual([0, 0])
})

test('a member that joined and never asks for its assignment is left out', () => {
  const bench = new BrokerBench()
  const member = new GroupMember(bench, 'g', { rebalanceTimeoutMs: 3_000 })
  const join = member.join()
  bench.pass(1)
  member.take(join)
  bench.pass(2_998)
  expect(stateOf(bench)).toBe('CompletingRebalance')
  bench.pass(1)
  expect(stateOf(bench)).toBe('Empty')
  expect(member.heartbeat()).toBe(errorCode('UNKNOWN_MEMBER_ID'))
})

test('a static member that is back has its place at once, and its predecessor is fenced', () => {
  const bench = new BrokerBench()
  bench.topic('lines')
  const [, old] = stableGroup(bench, { instanceId: 'a' }, { instanceId: 'b' })
  if (old === undefined) throw new Error('no member')
  const back = new GroupMember(bench, 'g', { instanceId: 'b' })
  const join = back.join()
  expect(back.take(join)).toBe(0)
  expect(join.get()).toMatchObject({ skipAssignment: false, members: [] })
  expect(back.generation).toBe(old.generation)
  expect(back.id).not.toBe(old.id)
  expect(textOf(back.sync().get().assignment)).toBe('part 1')
  const fenced = errorCode('FENCED_INSTANCE_ID')
  expect([old.heartbeat(), old.commit('lines'), old.leave()]).toEqual([fenced, fenced, fenced])
  expect(stateOf(bench)).toBe('Stable')
})

test('a static leader that is back is told to leave the assignment as it is', () => {
  const bench = new BrokerBench()
  stableGroup(bench, { instanceId: 'a' }, { instanceId: 'b' })
  const back = new GroupMember(bench, 'g', { instanceId: 'a' })
  const join = back.join()
  expect(back.take(join)).toBe(0)
  expect(join.get().skipAssignment).toBe(true)
  expect(back.known).toHaveLength(2)
  const older = new GroupMember(bench, 'g', { instanceId: 'a', joinVersion: 8 })
  expect(older.take(older.join())).toBe(0)
  expect(older).toMatchObject({ leads: false, known: [] })
})

test('a static member that is missing keeps its place through a rebalance', () => {
  const bench = new BrokerBench()
  const short = { rebalanceTimeoutMs: 2_000, sessionTimeoutMs: 10_000 }
  const [one, two] = stableGroup(
    bench,
    { ...short, instanceId: 'a' },
    { ...short, instanceId: 'b' },
  )
  if (one === undefined || two === undefined) throw new Error('no members')
  one.metadata = 'changed'
  const join = one.join()
  bench.pass(2_000)
  expect(one.take(join)).toBe(0)
  expect(one.known).toEqual([one.id, two.id])
})

test('whoever leaves is gone at once, and the last one leaves an empty group', () => {
  const bench = new BrokerBench()
  const [one, two] = stableGroup(bench, {}, {})
  expect(two?.leave()).toBe(0)
  expect(one?.heartbeat()).toBe(errorCode('REBALANCE_IN_PROGRESS'))
  expect(one?.leave()).toBe(0)
  expect(stateOf(bench)).toBe('Empty')
  expect(one?.leave()).toBe(errorCode('UNKNOWN_MEMBER_ID'))
})

test('an old generation, a stranger and another protocol are refused', () => {
  const bench = new BrokerBench()
  bench.topic('lines')
  const [member] = stableGroup(bench, {})
  if (member === undefined) throw new Error('no member')
  const stranger = new GroupMember(bench, 'g')
  stranger.id = 'nobody'
  expect(stranger.join().get().errorCode).toBe(errorCode('UNKNOWN_MEMBER_ID'))
  expect(stranger.commit('lines')).toBe(errorCode('UNKNOWN_MEMBER_ID'))
  member.generation--
  const illegal = errorCode('ILLEGAL_GENERATION')
  expect([member.heartbeat(), member.commit('lines')]).toEqual([illegal, illegal])
})

test('a group whose coordinator moves sends those who wait to the other node', () => {
  const bench = new BrokerBench({ nodes: 2 })
  const cluster = bench.broker.cluster
  cluster.moveCoordinator('group', 'g', nodeId(1))
  const member = new GroupMember(bench, 'g')
  const join = member.join()
  cluster.moveCoordinator('group', 'g', nodeId(2))
  bench.poke()
  const notCoordinator = errorCode('NOT_COORDINATOR')
  expect(join.get().errorCode).toBe(notCoordinator)
  expect(member.heartbeat()).toBe(notCoordinator)
})

test('a first join that a moving coordinator cut off begins anew on the other node', () => {
  const bench = new BrokerBench({ nodes: 2 })
  const cluster = bench.broker.cluster
  cluster.moveCoordinator('group', 'g', nodeId(1))
  const member = new GroupMember(bench, 'g')
  member.join()
  cluster.moveCoordinator('group', 'g', nodeId(2))
  cluster.moveCoordinator('group', 'g', nodeId(1))
  bench.poke()
  expect(member.join().get().errorCode).toBe(errorCode('UNKNOWN_MEMBER_ID'))
  const again = new GroupMember(bench, 'g')
  const join = again.join()
  bench.pass(1)
  expect(again.take(join)).toBe(0)
})
