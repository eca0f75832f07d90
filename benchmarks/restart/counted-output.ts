/** What has to have come out of a count that was killed again and again. */
import { keyOf, keyText } from '../load/keys.ts'
import { readCount } from '../workloads/counts.ts'
import { Mistakes } from '../workloads/mistakes.ts'
import type { Expectation } from '../workloads/workload.ts'

/** Each key counts 1, 2, 3, … and the records are as many as went in: each counted once. */
export function countedOnce(keys: number, records: number): Expectation {
  const reached = new Int32Array(keys)
  const mistakes = new Mistakes()
  return {
    records,
    take({ key: bytes, value }) {
      const key = keyOf(bytes)
      const before = reached[key] ?? Number.NaN
      const now = readCount(value)
      if (now !== before + 1) mistakes.add(() => `${keyText(key)}: ${now} after ${before}`)
      reached[key] = now
    },
    verdict: () => mistakes.verdict(),
  }
}
