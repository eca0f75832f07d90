/**
 * What follows from each answer in a transaction: a pure function of the step, what came back, and
 * what had happened to the step before. Nothing here sends or waits.
 */
import { assertNever, type Recovery } from '../../../model/errors.ts'
import { errorCode, recoveryOf } from '../../protocol/error-codes.ts'

/** The steps of a transaction, in their order; `add` is of protocol 1 only. */
export type Step = 'initialise' | 'add' | 'produce' | 'offsets' | 'commit' | 'abort'

/** What came back: an error code (0: it worked), or nothing. */
export type Reply =
  | { readonly kind: 'code'; readonly code: number }
  /** `sent` is false only when no byte can have reached the broker. */
  | { readonly kind: 'lost'; readonly sent: boolean }

export type StopOutcome = 'fenced' | 'abort' | 'unknown' | 'fatal'

export type Next =
  | { readonly kind: 'done' }
  | {
      readonly kind: 'again'
      /**
       * `soon`: 2 ms, the time that markers of the transaction before take; else growing pauses.
       */
      readonly pace: 'soon' | 'back-off'
      /** Ask for leaders and coordinators first. */
      readonly refresh: boolean
    }
  | { readonly kind: 'stop'; readonly outcome: StopOutcome }

/** What is remembered of a step while it is tried again. */
export interface History {
  /** An attempt may have reached the broker without an answer. */
  readonly mayHaveActed: boolean
}

export const freshStep: History = { mayHaveActed: false }

export function remember(history: History, reply: Reply): History {
  const lost = reply.kind === 'lost' ? reply.sent : recoveryOf(reply.code) === 'unknown-outcome'
  return lost ? { mayHaveActed: true } : history
}

const done: Next = { kind: 'done' }
const stop = (outcome: StopOutcome): Next => ({ kind: 'stop', outcome })
const again: Next = { kind: 'again', pace: 'back-off', refresh: false }
const againElsewhere: Next = { kind: 'again', pace: 'back-off', refresh: true }
const againSoon: Next = { kind: 'again', pace: 'soon', refresh: false }

const concurrent = errorCode('CONCURRENT_TRANSACTIONS')
const invalidState = errorCode('INVALID_TXN_STATE')
const invalidMapping = errorCode('INVALID_PRODUCER_ID_MAPPING')

/**
 * Every step may be repeated after a lost reply: sequence numbers and the coordinator see to it.
 */
export function decide(step: Step, reply: Reply, history: History): Next {
  if (reply.kind === 'lost') return againElsewhere
  if (reply.code === 0) return done
  if (reply.code === concurrent) return againSoon
  if (step === 'commit') return decideCommit(reply.code, history)
  if (step === 'abort' && reply.code === invalidState) return done
  return byRecovery(step, recoveryOf(reply.code))
}

/**
 * EndTxn is idempotent. INVALID_TXN_STATE says that the transaction is not open and did not end
 * this way: it was aborted (by its time-out, or as empty), whether or not a reply was lost before.
 * A producer id that the coordinator does not know says nothing about an earlier attempt.
 */
function decideCommit(code: number, history: History): Next {
  if (code === invalidMapping && history.mayHaveActed) return stop('unknown')
  const recovery = recoveryOf(code)
  if (recovery === 'unknown-outcome') return again
  if (recovery === 'fatal' && history.mayHaveActed) return stop('unknown')
  return byRecovery('commit', recovery)
}

function byRecovery(step: Step, recovery: Recovery): Next {
  switch (recovery) {
    case 'retry':
      return again
    case 'refresh':
      return againElsewhere
    case 'rejoin':
    case 'fenced':
      return stop('fenced')
    case 'abort':
    // A new epoch is what heals these, and it is what `initialise` asks for.
    case 'unknown-outcome':
      return step === 'initialise' ? again : stop('abort')
    case 'fatal':
      return stop('fatal')
    default:
      return assertNever(recovery)
  }
}

/** The outcome when the time for a step is over and it would have been tried again. */
export function giveUp(step: Step, history: History): StopOutcome {
  if (step === 'commit' && history.mayHaveActed) return 'unknown'
  return 'abort'
}

const weight: Readonly<Record<StopOutcome, number>> = { fatal: 4, fenced: 3, unknown: 2, abort: 1 }

/** Of several ends of one transaction the one that asks most of its holder. */
export function gravest<S extends { readonly outcome: StopOutcome }>(
  stops: readonly S[],
): S | undefined {
  return stops.toSorted((a, b) => weight[b.outcome] - weight[a.outcome])[0]
}

/** Of several codes in one answer the one to judge by: what ends the step before what delays it. */
export function decisiveCode(step: Step, codes: readonly number[]): number {
  const rank = (code: number) => {
    if (code === errorCode('OPERATION_NOT_ATTEMPTED')) return 1
    const next = decide(step, { kind: 'code', code }, freshStep)
    if (next.kind === 'stop') return 2 + weight[next.outcome]
    return next.kind === 'again' ? 2 : 0
  }
  return codes.toSorted((a, b) => rank(b) - rank(a))[0] ?? 0
}

/**
 * Whether a producer may write again after it asked for an abort. A new epoch heals all. The same
 * epoch does not while a batch is unacknowledged: it may still come, and be taken for one of the
 * next transaction; or it never will, and its sequence numbers are missing.
 */
export function usableAfterAbort(
  aborted: boolean,
  epochBumped: boolean,
  everyBatchAcknowledged: boolean,
): boolean {
  return aborted && (epochBumped || everyBatchAcknowledged)
}
