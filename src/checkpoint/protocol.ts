/**
 * The epoch protocol of one worker as a table: facts observed → next state and commands. The worker
 * carries the commands out and reports what came of them; nothing here waits.
 *
 * ```
 *  closed ─open─▶ opening ─▶ open ─due─▶ cutting ─▶ committing ─ok─▶ open
 *     ▲                        ▲                        │ abort     │ unknown
 *     └── fenced, lost ──┐     │                        ▼           ▼
 *                        │     ├── rolling-back ◀── initialising ─▶ comparing
 *                        │     └───────────── kept ─────────────────┘
 * ```
 * While epoch n commits, n + 1 is open and processed on top of n's staged writes; its cut waits
 * until n is settled. Whatever drops n drops n + 1 with it.
 */
import { assert, assertNever } from '../model/errors.ts'
import { type Epoch, epoch } from '../model/ids.ts'

export type CheckpointState =
  /** Nothing is owned, or what was owned is lost; there is no transaction. */
  | { readonly phase: 'closed'; readonly next: Epoch }
  /** The producer is being initialised for the first time since `closed`. */
  | { readonly phase: 'opening'; readonly next: Epoch }
  | {
      readonly phase: 'open'
      readonly epoch: Epoch
      /** Monotonic time of the last cut, milliseconds. */
      readonly cutAtMs: number
      readonly requested: boolean
    }
  | { readonly phase: 'cutting'; readonly epoch: Epoch; readonly cutAtMs: number }
  /** `epoch` commits; the one after it is open. */
  | {
      readonly phase: 'committing'
      readonly epoch: Epoch
      readonly cutAtMs: number
      readonly requested: boolean
    }
  /** The way back after `abort` and `unknown`; `unsettled`: whether `epoch` committed is open. */
  | {
      readonly phase: 'initialising'
      readonly epoch: Epoch
      readonly unsettled: boolean
      readonly cutAtMs: number
    }
  | { readonly phase: 'comparing'; readonly epoch: Epoch; readonly cutAtMs: number }
  | { readonly phase: 'rolling-back'; readonly next: Epoch; readonly cutAtMs: number }
  | { readonly phase: 'failed'; readonly error: Error }

/** How a commit or an initialisation ended; the names are those of the client's outcomes. */
export type Outcome =
  | { readonly kind: 'ok' }
  | {
      readonly kind: 'fenced' | 'abort' | 'unknown' | 'fatal'
      readonly error: Error
    }

/** Did the epoch with the unknown outcome commit? `foreign`: somebody else committed meanwhile. */
export type Verdict = 'kept' | 'dropped' | 'foreign' | 'unreadable'

export type CheckpointFact =
  | { readonly kind: 'open' }
  /** What the loop sees between slices. */
  | {
      readonly kind: 'observed'
      readonly nowMs: number
      readonly bytes: number
      readonly records: number
      readonly dirty: boolean
      /** A cut by time may come so much later, or earlier where negative. @default 0 */
      readonly shiftMs?: number
    }
  /** Somebody wants what is processed so far committed now: a rebalance, a stop, a user. */
  | { readonly kind: 'requested' }
  | { readonly kind: 'was-cut'; readonly empty: boolean }
  | { readonly kind: 'settled'; readonly outcome: Outcome }
  | { readonly kind: 'initialised'; readonly outcome: Outcome }
  | { readonly kind: 'compared'; readonly verdict: Verdict }
  /** `foreign`: the positions to go on from are not those that this worker knows of. */
  | { readonly kind: 'rolled-back'; readonly positions: 'known' | 'foreign' }
  /** The group took everything away. */
  | { readonly kind: 'lost' }
  | { readonly kind: 'failed'; readonly error: Error }

export type CheckpointCommand =
  | { readonly kind: 'initialise' }
  /** Cut every task, seal the output; answer `was-cut`. */
  | { readonly kind: 'cut'; readonly epoch: Epoch }
  /** Answer `settled`. */
  | { readonly kind: 'commit'; readonly epoch: Epoch }
  /** Tell the tasks that the epoch is committed. */
  | { readonly kind: 'apply'; readonly epoch: Epoch }
  /** Read the stable committed positions and compare with the epoch's; answer `compared`. */
  | { readonly kind: 'compare'; readonly epoch: Epoch }
  /** Tasks back to their committed state, open output forgotten; answer `rolled-back`. */
  | { readonly kind: 'roll-back' }
  /** Everything staged and owned is gone; join again where that makes sense. */
  | { readonly kind: 'drop'; readonly error: Error | undefined }
  | { readonly kind: 'fail'; readonly error: Error }

export interface CheckpointLimits {
  readonly intervalMs: number
  readonly bytesMax: number
  readonly recordsMax: number
}

export interface Transition {
  readonly state: CheckpointState
  readonly commands: readonly CheckpointCommand[]
}

export const closed: CheckpointState = { phase: 'closed', next: epoch(1) }

/** May tasks be stepped? Not while it is open what they stand on, nor above the epoch's limit. */
export function mayProcess(
  state: CheckpointState,
  limits: CheckpointLimits,
  open: { readonly bytes: number; readonly records: number },
): boolean {
  if (state.phase !== 'open' && state.phase !== 'committing') return false
  return open.bytes < limits.bytesMax && open.records < limits.recordsMax
}

export function step(
  state: CheckpointState,
  fact: CheckpointFact,
  limits: CheckpointLimits,
): Transition {
  if (state.phase === 'failed') return stay(state)
  switch (fact.kind) {
    case 'lost':
      return { state: { phase: 'closed', next: following(state) }, commands: [drop(undefined)] }
    case 'failed':
      return fail(fact.error)
    case 'open':
      if (state.phase !== 'closed') return stay(state)
      return { state: { phase: 'opening', next: state.next }, commands: [{ kind: 'initialise' }] }
    case 'requested':
      if (state.phase !== 'open' && state.phase !== 'committing') return stay(state)
      return stay({ ...state, requested: true })
    case 'observed':
      return observed(state, fact, limits)
    case 'was-cut':
      return wasCut(state, fact.empty)
    case 'settled':
      return settled(state, fact.outcome)
    case 'initialised':
      return initialised(state, fact.outcome)
    case 'compared':
      return compared(state, fact.verdict)
    case 'rolled-back':
      assert(state.phase === 'rolling-back', `rolled back while ${state.phase}`)
      if (fact.positions === 'foreign') return lose(state, foreignPositions())
      return stay(open(state.next, state.cutAtMs, false))
    default:
      return assertNever(fact)
  }
}

function observed(
  state: CheckpointState,
  fact: Extract<CheckpointFact, { kind: 'observed' }>,
  limits: CheckpointLimits,
): Transition {
  if (state.phase !== 'open') return stay(state)
  const { nowMs, shiftMs = 0 } = fact
  const dueMs = state.cutAtMs + limits.intervalMs
  const due =
    state.requested ||
    nowMs >= dueMs + shiftMs ||
    fact.bytes >= limits.bytesMax ||
    fact.records >= limits.recordsMax
  if (!due) return stay(state)
  if (!fact.dirty) return stay(state.requested ? { ...state, requested: false } : state)
  // A cut that was shifted counts as on time: the pace stays that of the interval.
  const shifted = Math.abs(nowMs - dueMs) <= Math.abs(shiftMs)
  return {
    state: { phase: 'cutting', epoch: state.epoch, cutAtMs: shifted ? dueMs : nowMs },
    commands: [{ kind: 'cut', epoch: state.epoch }],
  }
}

function wasCut(state: CheckpointState, empty: boolean): Transition {
  assert(state.phase === 'cutting', `cut while ${state.phase}`)
  const { epoch: number, cutAtMs } = state
  if (empty) {
    return { state: open(after(number), cutAtMs, false), commands: [apply(number)] }
  }
  return {
    state: { phase: 'committing', epoch: number, cutAtMs, requested: false },
    commands: [{ kind: 'commit', epoch: number }],
  }
}

function settled(state: CheckpointState, outcome: Outcome): Transition {
  assert(state.phase === 'committing', `a commit settled while ${state.phase}`)
  const { epoch: number, cutAtMs, requested } = state
  switch (outcome.kind) {
    case 'ok':
      return { state: open(after(number), cutAtMs, requested), commands: [apply(number)] }
    case 'fenced':
      return lose(state, outcome.error)
    case 'fatal':
      return fail(outcome.error)
    case 'abort':
    case 'unknown': {
      const unsettled = outcome.kind === 'unknown'
      return {
        state: { phase: 'initialising', epoch: number, unsettled, cutAtMs },
        commands: [{ kind: 'initialise' }],
      }
    }
    default:
      return assertNever(outcome)
  }
}

function initialised(state: CheckpointState, outcome: Outcome): Transition {
  assert(
    state.phase === 'opening' || state.phase === 'initialising',
    `the producer was initialised while ${state.phase}`,
  )
  switch (outcome.kind) {
    case 'ok':
      break
    case 'fenced':
      return lose(state, outcome.error)
    case 'fatal':
      return fail(outcome.error)
    case 'abort':
    case 'unknown':
      return { state, commands: [{ kind: 'initialise' }] }
    default:
      return assertNever(outcome)
  }
  if (state.phase === 'opening') return stay(open(state.next, Number.NEGATIVE_INFINITY, false))
  const { epoch: number, cutAtMs } = state
  if (state.unsettled) {
    return {
      state: { phase: 'comparing', epoch: number, cutAtMs },
      commands: [{ kind: 'compare', epoch: number }],
    }
  }
  return rollBack(number, cutAtMs)
}

function compared(state: CheckpointState, verdict: Verdict): Transition {
  assert(state.phase === 'comparing', `positions compared while ${state.phase}`)
  const { epoch: number, cutAtMs } = state
  switch (verdict) {
    case 'kept':
      return { state: open(after(number), cutAtMs, false), commands: [apply(number)] }
    case 'dropped':
      return rollBack(number, cutAtMs)
    case 'foreign':
      return lose(state, foreignPositions())
    case 'unreadable':
      return { state, commands: [{ kind: 'compare', epoch: number }] }
    default:
      return assertNever(verdict)
  }
}

/** The stores of this worker do not belong to them: they are restored. */
function foreignPositions(): Error {
  return new Error('the committed positions are not those of this worker')
}

function rollBack(number: Epoch, cutAtMs: number): Transition {
  // The open epoch after the dropped one goes with it; numbers are not used twice.
  const next = after(after(number))
  return { state: { phase: 'rolling-back', next, cutAtMs }, commands: [{ kind: 'roll-back' }] }
}

function lose(state: CheckpointState, error: Error): Transition {
  return { state: { phase: 'closed', next: following(state) }, commands: [drop(error)] }
}

function fail(error: Error): Transition {
  return { state: { phase: 'failed', error }, commands: [{ kind: 'fail', error }] }
}

/** A number that no epoch had yet. */
function following(state: CheckpointState): Epoch {
  switch (state.phase) {
    case 'closed':
    case 'opening':
    case 'rolling-back':
      return state.next
    case 'open':
    case 'cutting':
      return after(state.epoch)
    case 'committing':
    case 'initialising':
    case 'comparing':
      return after(after(state.epoch))
    case 'failed':
      return epoch(0)
    default:
      return assertNever(state)
  }
}

function open(number: Epoch, cutAtMs: number, requested: boolean): CheckpointState {
  return { phase: 'open', epoch: number, cutAtMs, requested }
}

function apply(number: Epoch): CheckpointCommand {
  return { kind: 'apply', epoch: number }
}

function drop(error: Error | undefined): CheckpointCommand {
  return { kind: 'drop', error }
}

function after(number: Epoch): Epoch {
  return epoch(number + 1)
}

function stay(state: CheckpointState): Transition {
  return { state, commands: [] }
}
