import { expect, test } from '@jest/globals'
import type { Plan, PlanStep } from '../../../src/plan/plan.ts'
import { planTopology } from '../../../src/plan/plan-topology.ts'
import { int32 } from '../../../src/serde/numbers.ts'
import { string } from '../../../src/serde/text.ts'
import type { TopologyBuilder } from '../../../src/topology/builder.ts'
import { topology } from '../../../src/topology/topology.ts'

type T = TopologyBuilder<string, unknown>
const plan = (build: (t: T) => void) => planTopology(topology('app', build))

const wordCount = (t: T) =>
  t
    .stream('lines', { value: string })
    .flatMapValues((line) => line.split(' '))
    .groupBy('by-word', (word) => word, { key: string })
    .count('counts')
    .to('word-counts')

const stepNames = (made: Plan) => made.subTopologies.map((sub) => sub.steps.map((s) => s.name))

function step(made: Plan, name: string): PlanStep | undefined {
  return made.subTopologies.flatMap((sub) => sub.steps).find((each) => each.name === name)
}

test('a repartition is the last step of one sub-topology and the first of the next', () => {
  const made = plan(wordCount)
  expect(stepNames(made)).toEqual([
    ['stream-lines', 'flat-map-values', 'by-word-key', 'by-word-repartition-sink'],
    ['by-word-repartition-source', 'counts', 'to-stream', 'to-word-counts'],
  ])
  expect(made.subTopologies.map((sub) => [sub.sourceTopics, sub.sinkTopics])).toEqual([
    [['lines'], []],
    [['app-by-word-repartition'], ['word-counts']],
  ])
  expect(made.subTopologies[1]?.steps.map((each) => each.inputs)).toEqual([
    [],
    [{ node: 0, port: 0 }],
    [{ node: 1, port: 0 }],
    [{ node: 2, port: 0 }],
  ])
  expect(step(made, 'by-word-repartition-source')).toMatchObject({ repartition: true })
  expect(step(made, 'by-word-repartition-sink')).toMatchObject({ repartition: true })
  expect(step(made, 'to-word-counts')).toMatchObject({ repartition: false })
})

test('internal topics have the names and configurations of Kafka Streams', () => {
  expect(plan(wordCount).internalTopics).toEqual([
    {
      kind: 'repartition',
      name: 'app-by-word-repartition',
      partitions: { largestOf: ['lines'] },
      configs: {
        'cleanup.policy': 'delete',
        'message.timestamp.type': 'CreateTime',
        'retention.ms': '-1',
        'segment.bytes': '52428800',
      },
    },
    {
      kind: 'changelog',
      name: 'app-counts-changelog',
      store: 'counts',
      subTopology: 1,
      configs: { 'cleanup.policy': 'compact', 'message.timestamp.type': 'CreateTime' },
    },
  ])
})

test('a store without changelog has no topic, and one may add to its configuration', () => {
  const made = plan((t) => {
    const grouped = t.stream('a').groupByKey()
    grouped.count('kept', { changelog: { 'segment.ms': '1000', 'cleanup.policy': 'delete' } })
    grouped.count('lost', { changelog: false })
  })
  expect(made.internalTopics.map((topic) => [topic.name, topic.configs])).toEqual([
    [
      'app-kept-changelog',
      {
        'cleanup.policy': 'delete',
        'message.timestamp.type': 'CreateTime',
        'segment.ms': '1000',
      },
    ],
  ])
})

test('streams that do not touch are sub-topologies of their own, and merged ones are one', () => {
  const apart = plan((t) => {
    t.stream('a').to('x')
    t.stream('b').to('y')
  })
  expect(apart.subTopologies.map((sub) => sub.sourceTopics)).toEqual([['a'], ['b']])
  const merged = plan((t) => t.stream('b').merge(t.stream('a')).to('x'))
  expect(merged.subTopologies.map((sub) => sub.sourceTopics)).toEqual([['a', 'b']])
})

test('a stream merged with its own repartition is a sub-topology that reads its own topic', () => {
  const made = plan((t) => {
    const a = t.stream('a')
    a.merge(a.repartition('r')).to('x')
  })
  expect(stepNames(made)).toEqual([
    ['stream-a', 'r-repartition-sink', 'r-repartition-source', 'merge', 'to-x'],
  ])
  expect(step(made, 'merge')?.inputs).toEqual([
    { node: 0, port: 0 },
    { node: 2, port: 0 },
  ])
})

test('edges behind a split keep their ports', () => {
  const made = plan((t) => {
    const { big, rest } = t.stream('a').split({ big: () => true, rest: 'rest' })
    rest.to('x', { name: 'x' })
    big.to('y', { name: 'y' })
  })
  expect(step(made, 'x')?.inputs).toEqual([{ node: 1, port: 1 }])
  expect(step(made, 'y')?.inputs).toEqual([{ node: 1, port: 0 }])
})

test('the repartition topic of a count carries keys only, that of a reduce values too', () => {
  const carries = (made: Plan) => {
    const sink = step(made, 'by-key-repartition-sink')
    return sink?.kind === 'sink' && sink.carriesValue
  }
  expect(
    carries(
      plan((t) =>
        t
          .stream('a')
          .groupBy('by-key', () => 'k')
          .count('n'),
      ),
    ),
  ).toBe(false)
  expect(
    carries(plan((t) => t.stream('a').repartition('by-key').merge().groupByKey().count('n'))),
  ).toBe(false)
  expect(
    carries(
      plan((t) =>
        t
          .stream('a')
          .groupBy('by-key', () => 'k')
          .reduce('n', (a) => a),
      ),
    ),
  ).toBe(true)
  expect(carries(plan((t) => t.stream('a').repartition('by-key').to('b')))).toBe(true)
  const both = plan((t) => {
    const stream = t.stream('a').repartition('by-key')
    stream.groupByKey().count('n')
    stream.forEach(() => undefined)
  })
  expect(carries(both)).toBe(true)
})

test('topics that meet in a store are co-partitioned, those that meet in a stream are not', () => {
  const groups = (build: (t: T) => void) => plan(build).subTopologies.map((s) => s.coPartitioned)
  expect(groups((t) => t.stream(['a', 'b']).to('x'))).toEqual([[]])
  expect(groups((t) => t.stream(['b', 'a']).groupByKey().count('n'))).toEqual([[['a', 'b']]])
  expect(groups((t) => t.stream('a').merge(t.stream('b').repartition('r')).toTable('n'))).toEqual([
    [['a', 'app-r-repartition']],
    [],
  ])
  const overlapping = groups((t) => {
    const [a, b, c] = [t.stream('a'), t.stream('b'), t.stream('c')]
    a.merge(b).groupByKey().count('ab')
    b.merge(c).groupByKey().count('bc')
  })
  expect(overlapping).toEqual([[['a', 'b', 'c']]])
})

test('a repartition topic that meets a user topic in a store has its number of partitions', () => {
  const made = plan((t) => t.stream('a').merge(t.stream('b').repartition('r')).toTable('n'))
  expect(made.internalTopics[0]).toMatchObject({ partitions: { largestOf: ['a'] } })
  const fixed = plan((t) => {
    const one = t.stream('a').repartition('one', { partitions: 6 })
    one.merge(t.stream('b').repartition('two')).toTable('n')
  })
  expect(fixed.internalTopics.slice(0, 2)).toMatchObject([{ partitions: 6 }, { partitions: 6 }])
  const open = plan((t) => {
    t.stream('a').repartition('one').merge(t.stream('b').repartition('two')).toTable('n')
  })
  expect(open.internalTopics.slice(0, 2)).toMatchObject([
    { partitions: { largestOf: ['a', 'b'] } },
    { partitions: { largestOf: ['a', 'b'] } },
  ])
})

test('the fingerprint changes with topics, stores and serdes, and not with functions', () => {
  const { fingerprint } = plan(wordCount)
  expect(fingerprint).toMatch(/^[0-9a-f]{16}$/)
  expect(plan(wordCount).fingerprint).toBe(fingerprint)
  const count = (t: T, name = 'counts') => t.stream('lines').groupByKey().count(name)
  const others = [
    plan((t) => void count(t)),
    plan((t) => void count(t, 'other')),
    plan((t) => void t.stream('lines', { key: int32 }).groupByKey().count('counts')),
    plan((t) => void t.stream('l').groupByKey().count('counts')),
    planTopology(topology('app-2', (t) => void count(t))),
    plan((t) => void t.stream('lines').repartition('r').groupByKey().count('counts')),
    plan(
      (t) =>
        void t.stream('lines').repartition('r', { partitions: 3 }).groupByKey().count('counts'),
    ),
  ].map((made) => made.fingerprint)
  expect(new Set([fingerprint, ...others]).size).toBe(8)
  const filtered = plan(
    (t) =>
      void t
        .stream('lines')
        .filter(() => true)
        .groupByKey()
        .count('counts'),
  )
  expect(filtered.fingerprint).toBe(others[0])
})

test('everything in a plan is frozen', () => {
  const thawed: string[] = []
  const visit = (value: unknown, path: string): void => {
    if (typeof value !== 'object' || value === null) return
    if (!Object.isFrozen(value)) thawed.push(path)
    for (const [key, inner] of Object.entries(value)) visit(inner, `${path}.${key}`)
  }
  visit(plan(wordCount), 'plan')
  expect(thawed).toEqual([])
})
