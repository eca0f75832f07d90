/** A whole topology under random commits and crashes: what is committed is exactly once. */
import { expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { string, topology } from '../../src/index.ts'
import type { Emit } from '../../src/operators/spec.ts'
import { TopologyTestDriver } from '../../src/testing/driver/index.ts'

const wordCount = (emit: Emit) =>
  topology('word-count', (t) => {
    t.stream('lines', { value: string })
      .flatMapValues((line) => line.split(' '))
      .groupBy('by-word', (word) => word, { key: string })
      .count('counts', { emit })
      .to('word-counts')
  })

const words = fc.array(fc.constantFrom('mill', 'race', 'wheel', 'stone'), { minLength: 1 })
const step = fc.oneof(
  { weight: 4, arbitrary: words.map((line) => line.join(' ')) },
  { weight: 2, arbitrary: fc.constant('commit' as const) },
  { weight: 1, arbitrary: fc.constant('crash' as const) },
)

/** Counts by word, each with what came out for it in order. */
function run(emit: Emit, steps: readonly string[]) {
  const driver = new TopologyTestDriver(wordCount(emit))
  const input = driver.input<string, string>('lines')
  const expected = new Map<string, number>()
  for (const action of steps) {
    if (action === 'commit') driver.commit()
    else if (action === 'crash') driver.crash()
    else {
      input.send({ value: action })
      for (const word of action.split(' ')) expected.set(word, (expected.get(word) ?? 0) + 1)
    }
  }
  driver.commit()
  const emitted = new Map<string, number[]>()
  for (const [word, count] of driver.output<string, number>('word-counts').readKeyValues()) {
    emitted.set(word ?? '', [...(emitted.get(word ?? '') ?? []), count ?? 0])
  }
  const stored = new Map(driver.store<string, number>('counts').entries())
  return { expected, emitted, stored }
}

test('each word is counted 1…n without a gap or a repetition, whatever crashes', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
      const { expected, emitted, stored } = run('update', steps)
      expect(stored).toEqual(expected)
      for (const [word, count] of expected) {
        expect(emitted.get(word)).toEqual(Array.from({ length: count }, (_, at) => at + 1))
      }
      expect(emitted.size).toBe(expected.size)
    }),
    { numRuns: 50 },
  )
})

test('with emit commit counts only rise, and the last is the number of words', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
      const { expected, emitted, stored } = run('commit', steps)
      expect(stored).toEqual(expected)
      for (const [word, count] of expected) {
        const counts = emitted.get(word) ?? []
        expect(counts.toSorted((left, right) => left - right)).toEqual(counts)
        expect(new Set(counts).size).toBe(counts.length)
        expect(counts.at(-1)).toBe(count)
      }
    }),
    { numRuns: 50 },
  )
})
