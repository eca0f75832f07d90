/** The membership machine: one event in, the next state and commands out. */
import { assertNever, StreamError } from '../../../model/errors.ts'
import {
  expectRound,
  onBeaten,
  onJoined,
  onSynced,
  onUnbeaten,
  onUndelivered,
  sessionExpired,
} from './answers.ts'
import { end, finish, join, leave, lose, prepare } from './moves.ts'
import {
  beats,
  isMember,
  type MemberEvent,
  type MemberSettings,
  type MemberState,
  type Phase,
  type Step,
  type TimerName,
} from './state.ts'

/** @param nowMs Monotonic time. */
export function step(
  state: MemberState,
  event: MemberEvent,
  settings: MemberSettings,
  nowMs: number,
): Step {
  if (state.phase === 'ended' || isStale(state, event)) return nothing(state)
  switch (event.kind) {
    case 'start':
      return state.phase === 'unjoined' ? join(state, 'the worker starts') : nothing(state)
    case 'joined':
      return onJoined(state, event.answer, settings)
    case 'synced':
      return onSynced(state, event, settings, nowMs)
    case 'undelivered':
      return onUndelivered(state, event.error, settings, nowMs)
    case 'beaten':
      return onBeaten(state, event, settings, nowMs)
    case 'unbeaten':
      return onUnbeaten(state, event.error, settings)
    case 'hook-done':
      return onHookDone(state, settings)
    // What a worker cannot carry out it must not stay responsible for: the group gets its tasks.
    case 'hook-failed':
      return finish(state, event.error, settings)
    case 'timer':
      return onTimer(state, event.name, settings, nowMs)
    case 'rejoin-asked':
      return onRejoinAsked(state, event.reason)
    case 'round-expected':
      return expectRound(state, settings, nowMs)
    case 'leave-asked':
      return leave(state, event.reason, settings)
    case 'close-asked':
    case 'left':
      return end(state)
    default:
      return assertNever(event)
  }
}

function nothing(state: MemberState): Step {
  return { state, commands: [] }
}

const awaitedIn = {
  joined: ['joining'],
  synced: ['syncing'],
  undelivered: ['joining', 'syncing'],
  'hook-done': ['taking', 'preparing', 'losing'],
  'hook-failed': ['taking', 'preparing', 'losing'],
  left: ['leaving'],
} as const satisfies Partial<Record<MemberEvent['kind'], readonly Phase[]>>

/** An answer that nobody waits for any more. */
function isStale(state: MemberState, event: MemberEvent): boolean {
  switch (event.kind) {
    case 'joined':
    case 'synced':
    case 'undelivered':
    case 'hook-done':
    case 'hook-failed':
    case 'left': {
      const phases: readonly Phase[] = awaitedIn[event.kind]
      return event.turn !== state.turn || !phases.includes(state.phase)
    }
    case 'beaten':
    case 'unbeaten':
      return event.generation !== state.generation || !beats(state)
    default:
      return false
  }
}

function onHookDone(state: MemberState, settings: MemberSettings): Step {
  if (state.phase === 'taking') {
    const stable: MemberState = { ...state, phase: 'stable', rejoinReason: null }
    return state.rejoinReason === null ? nothing(stable) : prepare(stable, state.rejoinReason)
  }
  if (state.phase === 'preparing') return join(state, state.joinReason)
  const lost = { ...state, holding: false }
  if (state.ending !== null) return finish(lost, state.ending, settings)
  return join(lost, 'the membership was lost')
}

function onRejoinAsked(state: MemberState, reason: string): Step {
  switch (state.phase) {
    case 'stable':
      return prepare(state, reason)
    case 'joining':
    case 'waiting':
    case 'syncing':
    case 'taking':
      return nothing({ ...state, rejoinReason: state.rejoinReason ?? reason })
    // These describe the member anew anyway, or it is on its way out.
    case 'unjoined':
    case 'preparing':
    case 'losing':
    case 'leaving':
    case 'ended':
      return nothing(state)
    default:
      return assertNever(state.phase)
  }
}

function onTimer(
  state: MemberState,
  name: TimerName,
  settings: MemberSettings,
  nowMs: number,
): Step {
  if (name === 'retry') {
    return state.phase === 'waiting' ? join(state, state.joinReason, false) : nothing(state)
  }
  if (!beats(state)) return nothing(state)
  switch (name) {
    case 'heartbeat': {
      const { memberId, generation } = state
      return { state, commands: [{ kind: 'heartbeat', memberId, generation }] }
    }
    case 'session': {
      const delayMs = state.aliveUntil - nowMs
      // As timers are: a rest that is too small to move the clock would come for ever.
      const wholeMs = Math.ceil(delayMs)
      if (delayMs > 0) return { state, commands: [{ kind: 'timer', name, delayMs: wholeMs }] }
      return lose(state, sessionExpired(settings), settings)
    }
    case 'rejoin':
      return isMember(state) ? lose(state, rebalanceTooSlow(settings), settings) : nothing(state)
    default:
      return assertNever(name)
  }
}

function rebalanceTooSlow({ groupId, rebalanceTimeoutMs }: MemberSettings): StreamError {
  return new StreamError(
    'REBALANCE_TOO_SLOW',
    `this member could not join again within the ${rebalanceTimeoutMs} ms that the group ` +
      `${groupId} waits, because taking over tasks or committing took longer; its tasks belong ` +
      'to others by now. Raise rebalanceTimeout or look at what was slow',
    { domain: 'external', recovery: 'rejoin' },
  )
}
