import { expect, test } from '@jest/globals'
import { checkPartitions, tasksOf, userTopics } from '../../../src/plan/partitions.ts'
import { planTopology } from '../../../src/plan/plan-topology.ts'
import type { TopologyBuilder } from '../../../src/topology/builder.ts'
import { topology } from '../../../src/topology/topology.ts'

type T = TopologyBuilder<string, unknown>
const plan = (build: (t: T) => void) => planTopology(topology('app', build))

function check(build: (t: T) => void, existing: Readonly<Record<string, number>>) {
  const result = checkPartitions(plan(build), (topic) => existing[topic])
  return result.kind === 'fits'
    ? Object.fromEntries(result.partitions)
    : result.problems.map((problem) => problem.message)
}

const chain = (t: T) => {
  t.stream('a')
    .repartition('one')
    .selectKey((_, key) => key)
    .repartition('two')
    .groupByKey()
    .count('n')
    .to('out')
}

test('a repartition topic has as many partitions as the largest before it, in chains too', () => {
  expect(check(chain, { a: 6, out: 1 })).toEqual({
    a: 6,
    out: 1,
    'app-one-repartition': 6,
    'app-two-repartition': 6,
    'app-n-changelog': 6,
  })
  const merged = (t: T) => t.stream('a').merge(t.stream('b')).repartition('r').toTable('n')
  expect(check((t) => void merged(t), { a: 2, b: 3 })).toMatchObject({
    'app-r-repartition': 3,
    'app-n-changelog': 3,
  })
})

test('repartition topics that follow each other through stores get the largest count', () => {
  const build = (t: T) => {
    const first = t.stream('a').repartition('r1')
    const third = t.stream('b').repartition('r3')
    first.merge(third.repartition('r2')).toTable('one')
    third.merge(first.repartition('r4')).toTable('two')
  }
  const found = check(build, { a: 2, b: 5 })
  expect(found).toMatchObject({
    'app-r1-repartition': 5,
    'app-r2-repartition': 5,
    'app-r3-repartition': 5,
    'app-r4-repartition': 5,
  })
})

test('topics that do not exist are named with what is done to them', () => {
  expect(check(chain, {})).toEqual([
    'TOPIC_MISSING: the topic a, which app reads, does not exist: create it, as ' +
      'with kafka-topics.sh --create --topic a --partitions 4',
    'TOPIC_MISSING: the topic out, which app writes, does not exist: create it, as ' +
      'with kafka-topics.sh --create --topic out --partitions 4',
  ])
})

test('topics that meet in a store with different numbers of partitions are both named', () => {
  const build = (t: T) => void t.stream('a').merge(t.stream('b')).groupByKey().count('n')
  expect(check(build, { a: 4, b: 3 })).toEqual([
    'NOT_CO_PARTITIONED: a has 4 partitions, b has 3, and both meet in the store "n": ' +
      "give them the same number, or send one through repartition('name')",
  ])
  expect(check(build, { a: 4, b: 4 })).toMatchObject({ 'app-n-changelog': 4 })
})

test('an internal topic of another size than the plan asks for is refused', () => {
  expect(check(chain, { a: 6, out: 1, 'app-one-repartition': 4, 'app-n-changelog': 6 })).toEqual([
    'INTERNAL_TOPIC_MISMATCH: the repartition topic app-one-repartition has 4 partitions and ' +
      'needs 6: its input topics were changed since it was created; go back to their old number, ' +
      'or start under a new name',
  ])
})

test('a task takes the partition of its number from each topic that has it', () => {
  const made = plan((t) => {
    t.stream(['a', 'b']).repartition('r', { partitions: 1 }).groupByKey().count('n')
  })
  const result = checkPartitions(made, (topic) => (topic === 'a' ? 2 : 1))
  const partitions = result.kind === 'fits' ? result.partitions : new Map<string, number>()
  expect(tasksOf(made, partitions)).toEqual([
    {
      id: '0_0',
      subTopology: 0,
      partition: 0,
      inputs: [
        { topic: 'a', partition: 0 },
        { topic: 'b', partition: 0 },
      ],
      changelogs: [],
    },
    {
      id: '0_1',
      subTopology: 0,
      partition: 1,
      inputs: [{ topic: 'a', partition: 1 }],
      changelogs: [],
    },
    {
      id: '1_0',
      subTopology: 1,
      partition: 0,
      inputs: [{ topic: 'app-r-repartition', partition: 0 }],
      changelogs: [{ topic: 'app-n-changelog', partition: 0 }],
    },
  ])
})

test('the user topics of a plan are those read, written and used for dead letters', () => {
  const made = plan((t) => {
    t.stream('a', { onError: { deadLetter: 'dead' } })
      .repartition('r')
      .to('out')
  })
  expect(userTopics(made)).toEqual(['a', 'dead', 'out'])
})
