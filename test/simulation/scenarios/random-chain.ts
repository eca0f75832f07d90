/** Topologies that are drawn: stateless operators, repartitions and a fold at the end. */
import { int32, int64, type Stream, topology } from '../../../src/index.ts'
import type { SimulationResult } from '../../../src/testing/index.ts'
import { expectSame, lastValues, recordsOf, type Scenario } from '../scenario.ts'

interface Pair {
  readonly key: number
  readonly value: number
}

/** One operator, for the topology and for the oracle. */
interface Link {
  readonly apply: (stream: Stream<number, number>, name: string) => Stream<number, number>
  readonly naive: (pair: Pair) => readonly Pair[]
}

type Draw = (random: () => number) => Link

const whole = (random: () => number, from: number, to: number) =>
  from + Math.floor(random() * (to - from))

const draws: readonly Draw[] = [
  (random) => {
    const by = whole(random, 2, 5)
    return {
      apply: (stream) => stream.filter((value) => value % by !== 0),
      naive: (pair) => (pair.value % by === 0 ? [] : [pair]),
    }
  },
  (random) => {
    const plus = whole(random, 1, 50)
    return {
      apply: (stream) => stream.mapValues((value) => value + plus),
      naive: ({ key, value }) => [{ key, value: value + plus }],
    }
  },
  (random) => {
    const times = whole(random, 1, 4)
    const values = (value: number) => Array.from({ length: value % times }, (_, i) => value + i)
    return {
      apply: (stream) => stream.flatMapValues(values),
      naive: ({ key, value }) => values(value).map((one) => ({ key, value: one })),
    }
  },
  (random) => {
    const by = whole(random, 3, 30)
    return {
      apply: (stream, name) =>
        stream.selectKey((value) => value % by).repartition(name, { key: int32, value: int64 }),
      naive: ({ value }) => [{ key: value % by, value }],
    }
  },
  (random) => {
    const by = whole(random, 2, 9)
    return {
      apply: (stream) => {
        const { low, high } = stream.split({ low: (value) => value % by === 0, high: 'rest' })
        return low.mapValues((value) => value * 2).merge(high)
      },
      naive: ({ key, value }) => [{ key, value: value % by === 0 ? value * 2 : value }],
    }
  },
]

/** Nothing is lost and nothing twice in the stream, and the folds at the end are those of all. */
function verify({ inputs, outputs }: SimulationResult, links: readonly Link[]): void {
  const input = recordsOf(inputs, 'numbers').map(({ key, value }) => {
    return { key: Number(key), value: Number(value) }
  })
  const pairs = links.reduce<readonly Pair[]>((all, { naive }) => all.flatMap(naive), input)
  const sorted = (all: readonly Pair[]) => all.map(({ key, value }) => `${key}:${value}`).toSorted()
  const passed = recordsOf(outputs, 'passed').map(({ key, value }) => {
    return { key: Number(key), value: Number(value) }
  })
  expectSame('records passed', sorted(passed), sorted(pairs))
  const sums = new Map<string, number>()
  const highest = new Map<string, number>()
  for (const { key, value } of pairs) {
    const name = String(key)
    sums.set(name, (sums.get(name) ?? 0) + value)
    highest.set(name, Math.max(highest.get(name) ?? value, value))
  }
  expectSame('sums', lastValues(recordsOf(outputs, 'sums')), sums)
  expectSame('highest', lastValues(recordsOf(outputs, 'highest')), highest)
}

export const randomChain: Scenario = {
  name: 'random-chain',
  make: (random) => {
    const links = Array.from({ length: whole(random, 0, 5) }, () =>
      draws[whole(random, 0, draws.length)]?.(random),
    ).filter((link) => link !== undefined)
    const emit = random() < 0.5 ? 'update' : 'commit'
    return {
      topology: topology('random-chain', (t) => {
        const numbers = t.stream('numbers', { key: int32, value: int64 })
        const last = links.reduce((stream, { apply }, i) => apply(stream, `part-${i}`), numbers)
        last.to('passed', { key: int32, value: int64 })
        const keyed = last.groupBy('by-key', (_value, key) => key, { key: int32, value: int64 })
        keyed
          .aggregate('sum', { init: () => 0, add: (sum, value) => sum + value, value: int64, emit })
          .to('sums', { key: int32 })
        keyed
          .reduce('highest', (one, other) => Math.max(one, other), { value: int64, emit })
          .to('highest', { key: int32 })
      }),
      inputs: {
        numbers: (random) => ({ key: whole(random, 0, 12), value: whole(random, 0, 1_000) }),
      },
      verify: (result) => verify(result, links),
    }
  },
}
