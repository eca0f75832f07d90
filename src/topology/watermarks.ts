/**
 * What `watermark` of a source takes. Semantics: Flink's WatermarkGenerators, one for each input
 * partition.
 */
import { type Duration, durationMs } from '../model/duration.ts'
import type { WatermarkSpec } from '../time/spec.ts'
import { checkFunction } from './checks.ts'

/** No event time: the partition never advances a watermark. */
export const none: WatermarkSpec = Object.freeze({ kind: 'none' })

/** For timestamps that only rise: the watermark follows the highest at once. */
export function monotonous(): WatermarkSpec {
  return Object.freeze({ kind: 'monotonous' })
}

/** The watermark stays this far behind the highest timestamp, so that records may be that late. */
export function boundedOutOfOrderness(bound: Duration): WatermarkSpec {
  const outOfOrdernessMs = durationMs(bound, 'the bound of boundedOutOfOrderness()')
  return Object.freeze({ kind: 'bounded', outOfOrdernessMs })
}

/**
 * The watermark is what `fn` reads out of a record: milliseconds since 1970, or undefined for none.
 */
export function punctuated(fn: Punctuator): WatermarkSpec {
  checkFunction('punctuated()', fn)
  return Object.freeze({ kind: 'punctuated', fn })
}

type Punctuator = Extract<WatermarkSpec, { readonly kind: 'punctuated' }>['fn']
