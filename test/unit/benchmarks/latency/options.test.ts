import { expect, test } from '@jest/globals'
import { latencyOptions, latencySubject } from '../../../../benchmarks/latency/options.ts'

test('a subject names its engine, and for Millrace a checkout and flags', () => {
  expect(latencySubject('millrace+2@/before:--fetch-wait=9ms', 'count')).toMatchObject({
    engine: 'millrace',
    threads: 2,
    checkout: '/before',
    flags: ['--fetch-wait=9ms'],
  })
  expect(() => latencySubject('copy-loop@/before', 'forward')).toThrow(/only Millrace/)
  expect(() => latencySubject('copy-loop', 'count')).toThrow(/does not run/)
})

test('lists are split, seconds become milliseconds, and nonsense is refused', () => {
  const options = latencyOptions(['--rates=1000,2000', '--measure=0.5', '--subjects=none'])
  expect(options).toMatchObject({ rates: [1_000, 2_000], commitsMs: [100, 25], measureMs: 500 })
  expect(() => latencyOptions(['--rates=fast'])).toThrow(/--rates=fast/)
  expect(() => latencyOptions(['--workload=passthrough'])).toThrow(/forward or count/)
})
