import { expect, test } from '@jest/globals'
import { seededRandom } from '../../../src/env/random.ts'
import { simulate } from '../../../src/testing/index.ts'
import { runSeed } from '../../simulation/run-seed.ts'
import { scenarios } from '../../simulation/scenarios/index.ts'

test.each(scenarios)('$name: the same seed twice is the same run', async (scenario) => {
  const traces: string[] = []
  for (const seed of [11, 11, 12]) {
    const verdict = await runSeed(scenario, { seed, minutes: 0.15 })
    if (verdict.kind === 'wrong') throw verdict.error
    expect(verdict.result.faults.length).toBeGreaterThan(0)
    traces.push(verdict.result.trace)
  }
  expect(traces[1]).toBe(traces[0])
  expect(traces[2]).not.toBe(traces[0])
})

test('an output that is wrong fails the run, and the error names its faults', async () => {
  const [scenario] = scenarios
  if (scenario === undefined) throw new Error('no scenario')
  const { topology, inputs } = scenario.make(seededRandom(3, 'topology'))
  const verify = () => {
    throw new Error('a word is missing')
  }
  const run = simulate(topology, { seed: 3, inputs, verify, minutes: 0.1 })
  await expect(run).rejects.toMatchObject({ code: 'SIMULATION_FAILED' })
  await expect(run).rejects.toThrow(/verify: a word is missing[\s\S]*after these faults/)
})

test('without faults nothing is repeated, and no time is lost', async () => {
  const [scenario] = scenarios
  if (scenario === undefined) throw new Error('no scenario')
  const { topology, inputs, verify } = scenario.make(seededRandom(4, 'topology'))
  const result = await simulate(topology, { seed: 4, inputs, verify, faults: [], minutes: 0.1 })
  expect(result.faults).toEqual([])
  expect(result.virtualMs).toBeLessThan(15_000)
})
