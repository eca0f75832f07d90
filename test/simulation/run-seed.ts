import { seededRandom } from '../../src/env/random.ts'
import { type FailedRun, simulate, type SimulationResult } from '../../src/testing/index.ts'
import type { Scenario } from './scenario.ts'

export interface SeedRun {
  readonly seed: number
  readonly minutes?: number | undefined
  /** Numbers of faults that are left out. */
  readonly without?: readonly number[]
}

export type Verdict =
  | { readonly kind: 'right'; readonly result: SimulationResult }
  | { readonly kind: 'wrong'; readonly error: Error; readonly run: FailedRun | undefined }

/** One run of one scenario. */
export async function runSeed(scenario: Scenario, run: SeedRun): Promise<Verdict> {
  const { seed, minutes, without = [] } = run
  const { topology, ...workload } = scenario.make(seededRandom(seed, 'topology'))
  try {
    const limits = minutes === undefined ? {} : { minutes }
    const result = await simulate(topology, { ...workload, seed, without, ...limits })
    return { kind: 'right', result }
  } catch (error) {
    if (!(error instanceof Error)) throw error
    return { kind: 'wrong', error, run: failedRun(error) }
  }
}

function failedRun({ cause }: Error): FailedRun | undefined {
  const isRun = typeof cause === 'object' && cause !== null && 'findings' in cause
  return isRun ? (cause as FailedRun) : undefined
}
