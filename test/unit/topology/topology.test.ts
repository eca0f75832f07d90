import { expect, test } from '@jest/globals'
import { json } from '../../../src/serde/json.ts'
import { int32, int64 } from '../../../src/serde/numbers.ts'
import { string } from '../../../src/serde/text.ts'
import type { TopologyBuilder } from '../../../src/topology/builder.ts'
import type { TopologyNode } from '../../../src/topology/nodes.ts'
import type { Stream } from '../../../src/topology/stream.ts'
import { isTopology, topology } from '../../../src/topology/topology.ts'

type T = TopologyBuilder<string, unknown>
const nodesOf = (build: (t: T) => void) => topology('app', build).nodes

test('word count is its operators around a repartition topic, in the order of its text', () => {
  const { nodes, name } = topology('word-count', (t) => {
    t.stream('lines', { value: string })
      .flatMapValues((line) => line.split(' '))
      .groupBy('by-word', (word) => word, { key: string })
      .count('counts')
      .to('word-counts')
  })
  expect(name).toBe('word-count')
  expect(nodes.map((node) => [node.name, node.inputs])).toEqual([
    ['stream-lines', []],
    ['flat-map-values', [{ node: 0, port: 0 }]],
    ['by-word-key', [{ node: 1, port: 0 }]],
    ['by-word', [{ node: 2, port: 0 }]],
    ['counts', [{ node: 3, port: 0 }]],
    ['to-stream', [{ node: 4, port: 0 }]],
    ['to-word-counts', [{ node: 5, port: 0 }]],
  ])
})

test('everything in a topology is frozen', () => {
  const built = topology('app', (t) => {
    const { a } = t.stream(['x', 'y']).split({ a: () => true })
    a.groupByKey().count('n', { changelog: { 'segment.ms': '60000' } })
    a.to('z', { onError: { deadLetter: 'dead' } })
  })
  const thawed: string[] = []
  const visit = (value: unknown, path: string): void => {
    if (typeof value !== 'object' || value === null) return
    if (!Object.isFrozen(value)) thawed.push(path)
    for (const [key, inner] of Object.entries(value)) visit(inner, `${path}.${key}`)
  }
  visit(built, 'topology')
  expect(thawed).toEqual([])
  expect(isTopology(built)).toBe(true)
  expect([null, {}, 'topology', { kind: 'topology' }].some(isTopology)).toBe(false)
})

const reasons = (nodes: readonly TopologyNode[], name: string) =>
  nodes.find((node) => node.name === name)?.serdes

test('a serde follows keys and values until a mapping, then the default takes its place', () => {
  const nodes = nodesOf((t) => {
    const orders = t.stream('orders', { key: int32, value: json<{ id: string }>() })
    orders.filter(() => true).to('same', { name: 'same' })
    orders.mapValues((order) => order.id).to('mapped', { name: 'mapped' })
    orders.selectKey((order) => order.id).to('rekeyed', { name: 'rekeyed' })
    orders.mapValues(() => 1).to('stated', { name: 'stated', value: int32 })
  })
  const follows = { kind: 'follows', node: 0 }
  expect(reasons(nodes, 'same')).toEqual({ key: follows, value: follows })
  expect(reasons(nodes, 'mapped')).toEqual({ key: follows, value: { kind: 'default' } })
  expect(reasons(nodes, 'rekeyed')).toEqual({ key: { kind: 'default' }, value: follows })
  expect(reasons(nodes, 'stated')).toEqual({ key: follows, value: { kind: 'stated' } })
  const mapped = nodes.find((node) => node.name === 'mapped')
  expect(mapped).toMatchObject({ spec: { key: int32, value: { name: 'json' } } })
})

test('streams that are merged keep a serde that they share, and lose one that differs', () => {
  const nodes = nodesOf((t) => {
    const a = t.stream('a', { key: int32, value: int32 })
    const b = t.stream('b', { key: int32, value: int64 })
    a.merge(b).to('out', { name: 'out' })
  })
  expect(reasons(nodes, 'out')).toEqual({
    key: { kind: 'follows', node: 0 },
    value: { kind: 'default' },
  })
})

test('counts are written as int64 with the key serde of their group', () => {
  const nodes = nodesOf((t) => {
    t.stream('orders')
      .groupBy('by-length', () => 1, { key: int32 })
      .count('counts')
  })
  const counts = nodes.find((node) => node.name === 'counts')
  expect(counts).toMatchObject({
    spec: {
      store: { name: 'counts', key: int32, value: int64, backend: undefined, changelog: {} },
    },
  })
})

test('a key that changed since the topic refuses state by key and names the call', () => {
  const rekeyed: readonly [(stream: Stream<string, unknown>) => Stream<string, unknown>, string][] =
    [
      [(s) => s.map((v, k) => [k, v]), 'map()'],
      [(s) => s.flatMap((v, k) => [[k, v]]), 'flatMap()'],
      [(s) => s.selectKey((_, k) => k).filter(() => true), 'selectKey()'],
    ]
  for (const [change, call] of rekeyed) {
    expect(() => nodesOf((t) => change(t.stream('a')).groupByKey())).toThrow(
      `NOT_PARTITIONED_BY_KEY: groupByKey() follows ${call}, which changes keys`,
    )
    expect(() => nodesOf((t) => change(t.stream('a')).toTable('x'))).toThrow('toTable("x") follows')
    expect(() =>
      nodesOf((t) =>
        t
          .stream('b')
          .merge(change(t.stream('a')))
          .groupByKey(),
      ),
    ).toThrow('NOT_PARTITIONED_BY_KEY')
    nodesOf((t) => change(t.stream('a')).repartition('by-key').groupByKey().count('n'))
  }
})

test('a name belongs to one operator only', () => {
  expect(() =>
    nodesOf((t) => {
      const grouped = t.stream('a').groupByKey()
      grouped.count('n')
      grouped.reduce('n', (a) => a)
    }),
  ).toThrow('DUPLICATE_NAME: the name "n" is taken by count("n"), and reduce("n") asks for it too')
  expect(() =>
    nodesOf((t) => t.stream('a', { name: 'x' }).mapValues((v) => v, { name: 'x' })),
  ).toThrow('the name "x" is taken by stream("x"), and mapValues("x") asks for it too')
})

test('a generated name makes way for one that the author gives', () => {
  const nodes = nodesOf((t) => {
    t.stream('a').mapValues((v) => v)
    t.stream('b').groupByKey().count('map-values')
  })
  expect(new Set(nodes.map((node) => node.name)).size).toBe(nodes.length)
  expect(nodes.at(-1)?.name).toBe('map-values')
})

test('names and topics that Kafka would refuse are refused first', () => {
  const wrong: readonly [build: (t: T) => void, message: string][] = [
    [(t) => t.stream('a').groupByKey().count(''), 'INVALID_NAME: count() has no name'],
    [(t) => t.stream('a').groupByKey().count('a b'), 'INVALID_NAME: the name of count() is "a b"'],
    [(t) => t.stream('a').repartition('x'.repeat(240)), 'has over 249 characters'],
    [(t) => t.stream('a', { name: 'ä' }), 'INVALID_NAME: the name of stream() is "ä"'],
    [(t) => t.stream('a/b'), 'INVALID_TOPIC: the topic of stream() is "a/b"'],
    [(t) => t.stream([]), 'INVALID_TOPIC: stream([]) names no topic'],
    [(t) => t.stream('..'), 'INVALID_TOPIC'],
    [(t) => t.stream('a').to('b c'), 'INVALID_TOPIC: the topic of to() is "b c"'],
    [(t) => t.stream('a').to('b', { onError: { deadLetter: 'c d' } }), 'the dead-letter topic of'],
    [(t) => t.stream('a').split({ 'b c': () => true }), 'INVALID_NAME: the name of a branch'],
    [(t) => t.stream('a').split({ 1: () => true }), 'begin it with a letter'],
    [(t) => t.stream(/a/g), 'INVALID_TOPIC: stream(/a/g) has the flag g or y'],
  ]
  for (const [build, message] of wrong) expect(() => nodesOf(build)).toThrow(message)
  expect(() => topology('a b', () => undefined)).toThrow('the name of the topology is "a b"')
  expect(() => topology('', () => undefined)).toThrow('INVALID_NAME: a topology needs a name')
})

test('options that no type checker saw are refused with what they may be', () => {
  const config = { changelog: { x: 5 } }
  const wrong: readonly [build: (t: T) => unknown, message: string][] = [
    // @ts-expect-error: a misspelt option
    [(t) => t.stream('a', { vlaue: string }), 'stream("a") does not know the option "vlaue"'],
    // @ts-expect-error: json is called to make a serde
    [(t) => t.stream('a', { value: json }), 'the value serde of stream("a") is a function: call'],
    // @ts-expect-error: no serde
    [(t) => t.stream('a', { key: 'string' }), 'the key serde of stream("a") is no serde'],
    // @ts-expect-error: no such start
    [(t) => t.stream('a', { startFrom: 'now' }), `startFrom of stream("a") is "now": write 'earli`],
    // @ts-expect-error: no function
    [(t) => t.stream('a').mapValues(), 'mapValues() needs a function, not nothing'],
    [
      (t) => t.stream('a').mapValues(async () => 'late'),
      'mapValues() needs a synchronous function',
    ],
    // @ts-expect-error: no such policy
    [(t) => t.stream('a').peek(() => 1, { onError: 'log' }), 'onError of peek() is "log": write'],
    [
      // @ts-expect-error: no such emission
      (t) => t.stream('a').groupByKey().count('n', { emit: 'final' }),
      `write 'update' or 'change' or 'commit'`,
    ],
    // @ts-expect-error: no such backend
    [(t) => t.stream('a').groupByKey().count('n', { backend: 'disk' }), `write 'memory' or 'lmdb'`],
    [
      (t) => t.stream('a').toTable('n', { backend: 'lmdb', changelog: false }),
      `toTable("n") has backend 'lmdb' and changelog false`,
    ],
    [(t) => t.stream('a').repartition('r', { partitions: 0 }), 'partitions of repartition("r") is'],
    [(t) => t.stream('a').split({}), 'split() has no branch'],
    [(t) => t.stream('a').split({ a: 'rest', b: () => true }), '"a" of split() takes the rest'],
    // @ts-expect-error: configurations are strings
    [(t) => t.stream('a').groupByKey().count('n', config), 'changelog of count("n") sets "x" to 5'],
  ]
  for (const [build, message] of wrong) {
    expect(() => nodesOf((t) => void build(t))).toThrow(`INVALID_ARGUMENT: `)
    expect(() => nodesOf((t) => void build(t))).toThrow(message)
  }
})

test('a topic is read in one place of a topology', () => {
  expect(() => nodesOf((t) => void [t.stream('a'), t.stream(['b', 'a'])])).toThrow(
    'DUPLICATE_SOURCE: the topic "a" is read by stream("a") and again by stream("b", "a")',
  )
})

test('a topology is built by a synchronous function, from its own streams, and then closed', () => {
  expect(() => topology('app', () => undefined)).toThrow('EMPTY_TOPOLOGY: topology "app" reads not')
  // @ts-expect-error: the function is missing
  expect(() => topology('app', {})).toThrow('topology("app") needs a function that builds it')
  const loading: (t: T) => unknown = async (t) => t.stream('a')
  expect(() => topology('app', loading)).toThrow('topology("app") is built by an async function')
  const kept: Stream<string, unknown>[] = []
  topology('first', (t) => void kept.push(t.stream('a')))
  expect(() => kept[0]?.to('b')).toThrow('TOPOLOGY_CLOSED: topology "first" is built already')
  expect(() => nodesOf((t) => void t.stream('c').merge(...kept))).toThrow('FOREIGN_STREAM')
})
