/** Runs one step of a transaction until it is decided, within a deadline. */
import type { Env } from '../../../env/port.ts'
import { type ErrorPlace, StreamError } from '../../../model/errors.ts'
import { kafkaError } from '../../protocol/error-codes.ts'
import { MalformedMessage } from '../../protocol/reader.ts'
import { WireError } from '../../wire.ts'
import { tellingError, toStreamError } from '../failure.ts'
import {
  decide,
  freshStep,
  giveUp,
  type History,
  type Next,
  remember,
  type Reply,
  type Step,
  type StopOutcome,
} from './decision.ts'

export interface Answered<Value> {
  readonly code: number
  readonly value: Value
  readonly where?: ErrorPlace
}

export interface Stopped {
  readonly kind: 'stop'
  readonly outcome: StopOutcome
  readonly error: StreamError
}

export type StepResult<Value> = { readonly kind: 'done'; readonly value: Value } | Stopped

export interface StepRules {
  readonly step: Step
  readonly doing: string
  /** On the monotonic clock. */
  readonly deadlineMs: number
  readonly refresh: () => void
  /** Set when another step of the transaction has ended it: trying again is in vain. */
  readonly ended?: { readonly stopped: boolean }
}

const soonMs = 2
const backoffMs = 20
const backoffMaxMs = 500
/**
 * A broker that does not answer at all is asked elsewhere, or over a new connection, after this.
 */
export const attemptMsMax = 10_000

/** Clock, pauses, and their random part. */
export interface Pacing {
  readonly env: Env
  readonly jitter: () => number
  /** Aborted when the client is closed. */
  readonly signal: AbortSignal
}

export async function runStep<Value>(
  pacing: Pacing,
  rules: StepRules,
  attempt: (timeoutMs: number) => Promise<Answered<Value>>,
): Promise<StepResult<Value>> {
  const { step, doing, deadlineMs } = rules
  const { clock, timers } = pacing.env
  let history = freshStep
  let last: StreamError | undefined
  for (let attempts = 0; ; attempts++) {
    const timeoutMs = Math.max(1, Math.min(deadlineMs - clock.monotonic(), attemptMsMax))
    const tried = await attemptOnce(doing, () => attempt(timeoutMs))
    if (tried.kind === 'failed') {
      return { kind: 'stop', outcome: outcomeOf(step, tried.error, history), error: tried.error }
    }
    history = remember(history, tried.reply)
    const next = decide(step, tried.reply, history)
    if (next.kind === 'done' && tried.answered !== undefined) {
      return { kind: 'done', value: tried.answered.value }
    }
    const error = tellingError(tried.error ?? kafkaError(0, { doing }), last)
    last = error
    if (next.kind === 'stop') return { kind: 'stop', outcome: next.outcome, error }
    const pauseMs = pauseBefore(next, attempts, pacing)
    const late = clock.monotonic() + pauseMs >= deadlineMs || pacing.signal.aborted
    if (late || rules.ended?.stopped === true) {
      return { kind: 'stop', outcome: giveUp(step, history), error }
    }
    if (next.kind === 'again' && next.refresh) rules.refresh()
    await timers.sleep(pauseMs, pacing.signal)
  }
}

/** Short and fixed while the coordinator completes a transaction, else growing and half random. */
export function pauseBefore(next: Next, attempts: number, { jitter }: Pacing): number {
  if (next.kind === 'again' && next.pace === 'soon') return soonMs
  const full = Math.min(backoffMs * 2 ** Math.min(attempts, 10), backoffMaxMs)
  return full / 2 + (full / 2) * jitter()
}

interface Tried<Value> {
  readonly kind: 'tried'
  readonly reply: Reply
  readonly answered?: Answered<Value>
  readonly error?: StreamError
}

interface Failed {
  readonly kind: 'failed'
  readonly error: StreamError
}

async function attemptOnce<Value>(
  doing: string,
  attempt: () => Promise<Answered<Value>>,
): Promise<Tried<Value> | Failed> {
  try {
    const answered = await attempt()
    const { code, where = {} } = answered
    const reply: Reply = { kind: 'code', code }
    if (code === 0) return { kind: 'tried', reply, answered }
    return { kind: 'tried', reply, answered, error: kafkaError(code, { doing, where }) }
  } catch (thrown) {
    const error = toStreamError(thrown, doing)
    const sent = lostWith(thrown)
    if (sent === undefined) return { kind: 'failed', error }
    return { kind: 'tried', reply: { kind: 'lost', sent }, error }
  }
}

/**
 * Whether the request may have reached the broker; undefined when the failure is not of delivery.
 * No leader or coordinator yet is one: there was nobody to send to.
 */
export function lostWith(thrown: unknown): boolean | undefined {
  if (thrown instanceof StreamError) {
    return thrown.recovery === 'retry' || thrown.recovery === 'refresh' ? false : undefined
  }
  if (thrown instanceof MalformedMessage) return true
  if (!(thrown instanceof WireError)) return undefined
  if (thrown.reason === 'authentication' || thrown.reason === 'tls') return undefined
  return thrown.sent
}

/** Of failures beside the answers and their delivery: no version in common, say. */
export function outcomeOf(step: Step, error: StreamError, history: History): StopOutcome {
  const otherwise = giveUp(step, history)
  return error.recovery === 'fatal' && otherwise !== 'unknown' ? 'fatal' : otherwise
}
