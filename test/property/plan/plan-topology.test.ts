/** Random topologies: what every plan holds, and the cut against a naive walk over the graph. */
import { expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { assertNever } from '../../../src/model/errors.ts'
import { describe as draw } from '../../../src/plan/describe.ts'
import { explain } from '../../../src/plan/explain.ts'
import { checkPartitions, tasksOf, userTopics } from '../../../src/plan/partitions.ts'
import type { Plan } from '../../../src/plan/plan.ts'
import { planTopology } from '../../../src/plan/plan-topology.ts'
import type { Topology } from '../../../src/topology/nodes.ts'
import type { Stream } from '../../../src/topology/stream.ts'
import { topology } from '../../../src/topology/topology.ts'

/** One call on one of the streams so far; numbers are taken modulo how many there are. */
const call = fc.record({
  kind: fc.constantFrom(
    'source',
    'map-values',
    'select-key',
    'split',
    'merge',
    'repartition',
    'group-by',
    'count',
    'to-table',
    'to',
  ),
  on: fc.nat(20),
  other: fc.nat(20),
  partitions: fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }),
})
type Call = typeof call extends fc.Arbitrary<infer T> ? T : never

type Any = Stream<string, unknown>

function build(calls: readonly Call[]): Topology {
  return topology('app', (t) => {
    const first = t.stream('topic-0')
    const streams = [first]
    for (const [at, made] of calls.entries()) {
      const stream = streams[made.on % streams.length] ?? first
      const other = streams[made.other % streams.length] ?? first
      if (made.kind === 'source') streams.push(t.stream(`topic-${at + 1}`))
      else streams.push(...derived(made, at, stream, other))
    }
  })
}

function derived(made: Call, at: number, stream: Any, other: Any): readonly Any[] {
  const { kind, partitions } = made
  const options = partitions === undefined ? {} : { partitions }
  const untyped = (count: number): unknown => count
  switch (kind) {
    case 'source':
      return []
    case 'map-values':
      return [stream.mapValues((value) => value)]
    case 'select-key':
      return [stream.selectKey((_, key) => key)]
    case 'split':
      return Object.values(stream.split({ a: () => true, b: 'rest' }))
    case 'merge':
      return [stream.merge(other)]
    case 'repartition':
      return [stream.repartition(`r-${at}`, options)]
    case 'group-by': {
      const grouped = stream.groupBy(`g-${at}`, () => 'k', options)
      return [grouped.count(`n-${at}`).toStream().mapValues(untyped)]
    }
    case 'count': {
      const grouped = stream.repartition(`c-${at}`).groupByKey()
      return [grouped.count(`n-${at}`).toStream().mapValues(untyped)]
    }
    case 'to-table':
      return [stream.merge(other).repartition(`t-${at}`).toTable(`s-${at}`).toStream()]
    case 'to':
      stream.to(`out-${at}`)
      return []
    default:
      return assertNever(kind)
  }
}

const topologies = fc.array(call, { maxLength: 14 }).map(build)

test('every node is one step, a repartition two, and steps follow their inputs', () => {
  fc.assert(
    fc.property(topologies, (built) => {
      const plan = planned(built)
      if (plan === undefined) return
      const names = plan.subTopologies.flatMap((sub) => sub.steps.map((step) => step.name))
      const expected = built.nodes.flatMap(({ kind, name }) =>
        kind === 'repartition'
          ? [`${name}-repartition-sink`, `${name}-repartition-source`]
          : [name],
      )
      expect(names.toSorted()).toEqual(expected.toSorted())
      for (const { steps } of plan.subTopologies) {
        for (const [at, step] of steps.entries()) {
          for (const edge of step.inputs) expect(edge.node).toBeLessThan(at)
          expect(step.inputs.length === 0).toBe(step.kind === 'source')
        }
      }
    }),
  )
})

test('two nodes share a sub-topology exactly when edges join them without a topic between', () => {
  fc.assert(
    fc.property(topologies, (built) => {
      const plan = planned(built)
      if (plan === undefined) return
      const found = plan.subTopologies.map((sub) => sub.steps.map((step) => step.name).toSorted())
      expect(found.toSorted(byText)).toEqual(naiveParts(built).toSorted(byText))
    }),
  )
})

const byText = (a: readonly string[], b: readonly string[]) => (a.join() < b.join() ? -1 : 1)

/** Breadth first over edges in both directions, on names with repartitions already in two. */
function naiveParts({ nodes }: Topology): readonly (readonly string[])[] {
  const emitting = (index: number) => {
    const node = nodes[index]
    return node?.kind === 'repartition' ? `${node.name}-repartition-source` : (node?.name ?? '')
  }
  const neighbours = new Map<string, string[]>()
  for (const [index, node] of nodes.entries()) {
    const fed = node.kind === 'repartition' ? `${node.name}-repartition-sink` : node.name
    for (const name of [fed, emitting(index)]) neighbours.set(name, neighbours.get(name) ?? [])
    for (const input of node.inputs) {
      neighbours.get(fed)?.push(emitting(input.node))
      neighbours.get(emitting(input.node))?.push(fed)
    }
  }
  const parts: string[][] = []
  const seen = new Set<string>()
  for (const begin of neighbours.keys()) {
    if (seen.has(begin)) continue
    const part = [begin]
    seen.add(begin)
    for (const name of part) {
      for (const next of neighbours.get(name) ?? []) {
        if (seen.has(next)) continue
        seen.add(next)
        part.push(next)
      }
    }
    parts.push(part.toSorted())
  }
  return parts
}

test('what fits gives each input partition to one task, and equal counts where topics meet', () => {
  const counts = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 })
  let fitting = 0
  fc.assert(
    fc.property(topologies, counts, (built, partitionCounts) => {
      const plan = planned(built)
      if (plan === undefined) return
      const users = userTopics(plan)
      const check = checkPartitions(plan, (topic) =>
        users.includes(topic)
          ? partitionCounts[users.indexOf(topic) % partitionCounts.length]
          : undefined,
      )
      if (check.kind === 'refused') {
        expect(check.problems.map(({ code }) => code)).toContain('NOT_CO_PARTITIONED')
        return
      }
      fitting += 1
      const { partitions } = check
      for (const group of plan.subTopologies.flatMap((sub) => sub.coPartitioned)) {
        expect(new Set(group.map((topic) => partitions.get(topic))).size).toBe(1)
      }
      const inputs = tasksOf(plan, partitions).flatMap((task) => task.inputs)
      const topics = plan.subTopologies.flatMap((sub) => sub.sourceTopics)
      const wanted = topics.flatMap((topic) =>
        Array.from(
          { length: partitions.get(topic) ?? 0 },
          (_, partition) => `${topic}-${partition}`,
        ),
      )
      const given = inputs.map(({ topic, partition }) => `${topic}-${partition}`)
      expect(given.toSorted()).toEqual(wanted.toSorted())
      for (const { name } of plan.internalTopics) expect(partitions.get(name)).toBeGreaterThan(0)
    }),
  )
  expect(fitting).toBeGreaterThan(20)
})

test('a plan is the same each time, and can be drawn and explained', () => {
  fc.assert(
    fc.property(topologies, (built) => {
      const plan = planned(built)
      if (plan === undefined) return
      expect(planTopology(built).fingerprint).toBe(plan.fingerprint)
      const drawn = [draw(built), draw(built, 'mermaid'), explain(built)].join('\n')
      for (const { name } of plan.internalTopics) expect(drawn).toContain(name)
    }),
  )
})

/** Undefined where the topology itself is refused: repartitions with contradicting counts. */
function planned(built: Topology): Plan | undefined {
  try {
    return planTopology(built)
  } catch (error) {
    expect(String(error)).toContain('NOT_CO_PARTITIONED')
    return undefined
  }
}
