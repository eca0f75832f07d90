import { events, type LoadShape } from '../load/events.ts'
import { keyOf, keyText } from '../load/keys.ts'
import { readCount } from './counts.ts'
import { eventsTopic } from './forward.ts'
import { Mistakes } from './mistakes.ts'
import type { Expectation, Workload } from './workload.ts'

/** Count per key, each update out: each key's counts are 1…n in order. */
export const count: Workload = {
  name: 'count',
  title: 'count per key, each update out',
  readsJson: false,
  inputs: (shape) => [eventsTopic(shape)],
  expectation: (shape) => counted(shape, 'update'),
}

/** Count per key, the last count of a key and commit out: counts grow, and end at n. */
export const countAtCommit: Workload = {
  name: 'count-at-commit',
  title: 'count per key, the last count of each commit out',
  readsJson: false,
  inputs: (shape) => [eventsTopic(shape)],
  expectation: (shape) => counted(shape, 'commit'),
}

function counted(shape: LoadShape, emit: 'update' | 'commit'): Expectation {
  const expected = new Int32Array(shape.keys)
  for (const { key } of events(shape)) expected[key] = (expected[key] ?? 0) + 1
  const reached = new Int32Array(shape.keys)
  const mistakes = new Mistakes()
  return {
    records: emit === 'update' ? shape.records : expected.filter((total) => total > 0).length,
    recordsMax: shape.records,
    take({ key: keyBytes, value }) {
      const key = keyOf(keyBytes)
      const before = reached[key] ?? Number.NaN
      const now = readCount(value)
      const follows = emit === 'update' ? now === before + 1 : now > before
      if (!follows) mistakes.add(() => `${keyText(key)}: ${now} after ${before}`)
      reached[key] = now
    },
    verdict() {
      for (const [key, total] of expected.entries()) {
        if (reached[key] === total) continue
        mistakes.add(() => `${keyText(key)} ends at ${reached[key]}, not ${total}`)
      }
      return mistakes.verdict()
    },
  }
}
