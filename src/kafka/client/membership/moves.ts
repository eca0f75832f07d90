/** The moves between phases, each with the commands that belong to it. */
import type { StreamError } from '../../../model/errors.ts'
import {
  beats,
  type MemberCommand,
  type MemberSettings,
  type MemberState,
  type Step,
} from './state.ts'

const backoffMs = 50
const backoffMaxMs = 1000

const stopBeating: readonly MemberCommand[] = [
  { kind: 'cancel', name: 'heartbeat' },
  { kind: 'cancel', name: 'session' },
  { kind: 'cancel', name: 'rejoin' },
]

/**
 * @param fresh False: an attempt of the same round again, with the same description of the member.
 */
export function join(state: MemberState, reason: string, fresh = true): Step {
  const turn = state.turn + 1
  const next: MemberState = {
    ...state,
    phase: 'joining',
    turn,
    joinReason: reason,
    rejoinReason: fresh ? null : state.rejoinReason,
    rejoinBy: null,
    expectUntil: 0,
  }
  const stop: readonly MemberCommand[] = beats(next)
    ? [{ kind: 'cancel', name: 'rejoin' }]
    : stopBeating
  return {
    state: next,
    commands: [...stop, { kind: 'join', turn, memberId: state.memberId, reason, fresh }],
  }
}

/** Joins again after a pause; with `refresh`, at the coordinator that the cluster then names. */
export function wait(state: MemberState, refresh: boolean): Step {
  const delayMs = Math.min(backoffMs * 2 ** Math.min(state.failures, 10), backoffMaxMs)
  const pause: MemberCommand = { kind: 'timer', name: 'retry', delayMs }
  return {
    state: { ...state, phase: 'waiting', failures: state.failures + 1 },
    commands: refresh ? [{ kind: 'forget-coordinator' }, pause] : [pause],
  }
}

/** Runs `onAssigned` while heart-beats go out. */
export function take(state: MemberState, settings: MemberSettings): Step {
  const turn = state.turn + 1
  return {
    state: { ...state, phase: 'taking', turn, holding: true },
    commands: [{ kind: 'call', hook: 'assigned', turn }, ...startBeating(settings)],
  }
}

/** Runs `onRejoin` while the old generation may still commit. */
export function prepare(state: MemberState, reason: string): Step {
  const turn = state.turn + 1
  return {
    state: { ...state, phase: 'preparing', turn, joinReason: reason },
    commands: [{ kind: 'call', hook: 'rejoin', turn }],
  }
}

export function startBeating(settings: MemberSettings): readonly MemberCommand[] {
  return [
    { kind: 'timer', name: 'heartbeat', delayMs: settings.heartbeatIntervalMs },
    // It looks, and is set again to when the session ends: that counts from when a request was
    // sent, and its answer may have been long under way.
    { kind: 'timer', name: 'session', delayMs: settings.heartbeatIntervalMs },
  ]
}

/**
 * Ownership is over: `onLost` runs before anything else, so that what the member claims when it
 * joins again is the truth.
 * @param ending The error that ends the membership; null: it joins again.
 */
export function lose(
  state: MemberState,
  error: StreamError,
  settings: MemberSettings,
  ending: StreamError | null = null,
): Step {
  if (!state.holding) {
    return ending === null
      ? join(state, 'the membership was lost')
      : finish(state, ending, settings)
  }
  const turn = state.turn + 1
  return {
    state: { ...state, phase: 'losing', turn, generation: -1, ending, rejoinReason: null },
    commands: [...stopBeating, { kind: 'call', hook: 'lost', turn, error }],
  }
}

/** Reports the error and leaves, unless the place in the group is another process's by now. */
export function finish(state: MemberState, error: StreamError, settings: MemberSettings): Step {
  const report: MemberCommand = { kind: 'fatal', error }
  const { state: next, commands } =
    error.recovery === 'fenced' ? end(state) : leave(state, error.code, settings)
  return { state: next, commands: [report, ...commands] }
}

export function leave(state: MemberState, reason: string, { instanceId }: MemberSettings): Step {
  if (state.phase === 'leaving') return { state, commands: [] }
  const known = state.memberId !== '' || instanceId !== null
  if (state.phase === 'unjoined' || !known) return end(state)
  const turn = state.turn + 1
  return {
    state: { ...state, phase: 'leaving', turn, generation: -1 },
    commands: [
      ...stopBeating,
      { kind: 'cancel', name: 'retry' },
      { kind: 'leave', turn, memberId: state.memberId, reason },
    ],
  }
}

export function end(state: MemberState): Step {
  return {
    state: { ...state, phase: 'ended', turn: state.turn + 1, generation: -1 },
    commands: [...stopBeating, { kind: 'cancel', name: 'retry' }, { kind: 'ended' }],
  }
}
