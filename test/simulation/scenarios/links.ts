/** Operators without state, each with what it does to one record: drawn for random topologies. */
import { int32, int64, type Stream } from '../../../src/index.ts'

export interface Pair {
  readonly key: number
  readonly value: number
}

/** One operator, for the topology and for the oracle. */
export interface Link {
  readonly apply: (stream: Stream<number, number>, name: string) => Stream<number, number>
  readonly naive: (pair: Pair) => readonly Pair[]
}

type Draw = (random: () => number) => Link

export const whole = (random: () => number, from: number, to: number) =>
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

/** Up to four of them, one behind the other. */
export function drawLinks(random: () => number): readonly Link[] {
  return Array.from({ length: whole(random, 0, 5) }, () =>
    draws[whole(random, 0, draws.length)]?.(random),
  ).filter((link) => link !== undefined)
}
