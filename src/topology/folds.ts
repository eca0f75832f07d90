/** The aggregations that need no more than a number of each value. */
import type { AggregateFunction } from '../operators/spec.ts'
import { checkFunction } from './checks.ts'

/** The number of a value, of which the smallest, largest or sum is wanted. */
export type Selector<V> = (value: V) => number

export interface NumberFold {
  readonly fn: AggregateFunction
  readonly merge: (earlier: number, later: number) => number
}

/** `sum`, `min` and `max`. */
export function numberFold<V>(
  call: 'sum' | 'min' | 'max',
  name: string,
  selector: Selector<V>,
): NumberFold {
  checkFunction(`the selector of ${call}("${name}")`, selector)
  switch (call) {
    case 'sum':
      return {
        fn: foldFrom(0, (sum: number, value: V) => sum + selector(value)),
        merge: (earlier, later) => earlier + later,
      }
    case 'min':
      return {
        fn: foldFrom(Infinity, (least: number, value: V) => Math.min(least, selector(value))),
        merge: (earlier, later) => Math.min(earlier, later),
      }
    default:
      return {
        fn: foldFrom(-Infinity, (most: number, value: V) => Math.max(most, selector(value))),
        merge: (earlier, later) => Math.max(earlier, later),
      }
  }
}

function foldFrom<V>(first: number, add: (aggregate: number, value: V) => number) {
  return { kind: 'aggregate', init: () => first, add } as const
}

/** `minBy` and `maxBy`: of values with the same number the first one stays. */
export function valueFold<V>(
  call: 'minBy' | 'maxBy',
  name: string,
  selector: Selector<V>,
): (best: V, value: V) => V {
  checkFunction(`the selector of ${call}("${name}")`, selector)
  return call === 'minBy'
    ? (best, value) => (selector(value) < selector(best) ? value : best)
    : (best, value) => (selector(value) > selector(best) ? value : best)
}
