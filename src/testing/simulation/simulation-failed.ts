import { StreamError } from '../../model/errors.ts'
import type { Finding } from './checks.ts'
import type { Conditions } from './conditions.ts'
import type { SimulationResult } from './options.ts'

/** What is known of a run that failed; the `cause` of the error. */
export interface FailedRun {
  readonly result: SimulationResult
  readonly findings: readonly Finding[]
  /** The last events. */
  readonly events: readonly string[]
  /** The last lines that running workers logged. */
  readonly logs: readonly string[]
  readonly conditions: Conditions
}

const shownFaults = 40
const shownFindings = 5

export function simulationFailed(run: FailedRun): StreamError {
  const { seed, faults } = run.result
  const wrong = run.findings.slice(0, shownFindings).map(({ check, message }) => {
    return `  ${check}: ${message}`
  })
  const happened = faults.slice(-shownFaults).map(({ number, kind, atMs, who, what }) => {
    return `  ${number} at ${(atMs / 1000).toFixed(3)} s: ${kind} ${who} ${what}`
  })
  const text = [`the run with seed ${seed} is wrong`, ...wrong, 'after these faults:', ...happened]
  const about = { domain: 'internal', recovery: 'fatal', cause: run } as const
  return new StreamError('SIMULATION_FAILED', text.join('\n'), about)
}
