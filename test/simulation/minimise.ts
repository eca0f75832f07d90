/** Leaves faults out of a run that is wrong, as long as it stays wrong. */
import { runSeed, type SeedRun, type Verdict } from './run-seed.ts'
import type { Scenario } from './scenario.ts'

type Wrong = Extract<Verdict, { kind: 'wrong' }>

export interface Fewer {
  readonly without: readonly number[]
  /** Those that are left, one a line. */
  readonly faults: readonly string[]
}

const attemptsMax = 60

export async function minimise(
  scenario: Scenario,
  { seed, minutes, without = [] }: SeedRun,
  wrong: Wrong,
): Promise<Fewer | undefined> {
  let best = wrong
  let left = [...without]
  let attempts = 0
  for (let size = Math.ceil(faultsOf(wrong).length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let from = 0; attempts < attemptsMax; attempts++) {
      const dropped = faultsOf(best).slice(from, from + size)
      if (dropped.length === 0) break
      const tried = [...left, ...dropped.map(({ number }) => number)]
      const verdict = await runSeed(scenario, { seed, minutes, without: tried })
      if (verdict.kind === 'wrong' && verdict.run !== undefined) {
        best = verdict
        left = tried
      } else {
        from += size
      }
    }
  }
  if (left.length === without.length) return undefined
  const faults = faultsOf(best).map(
    ({ number, kind, atMs, who, what }) =>
      `  ${number} at ${(atMs / 1000).toFixed(3)} s: ${kind} ${who} ${what}`,
  )
  return { without: left.toSorted((a, b) => a - b), faults }
}

function faultsOf({ run }: Wrong) {
  return run?.result.faults ?? []
}
