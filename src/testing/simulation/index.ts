export { type Fault, type FaultKind, faultKinds } from './fault-kinds.ts'
export type {
  InputGenerator,
  SimulatedInput,
  SimulatedRecord,
  SimulateOptions,
  SimulationResult,
} from './options.ts'
export { simulate } from './simulate.ts'
export type { FailedRun } from './simulation-failed.ts'
