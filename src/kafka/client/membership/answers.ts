/** What the broker's answers, and their absence, do to a member. */
import { assertNever, StreamError } from '../../../model/errors.ts'
import { errorCode } from '../../protocol/error-codes.ts'
import { join, lose, prepare, startBeating, take, wait } from './moves.ts'
import {
  isMember,
  type JoinAnswer,
  type MemberCommand,
  type MemberSettings,
  type MemberState,
  type Step,
} from './state.ts'
import { judge, memberError } from './verdict.ts'

/** Pause before a heart-beat that failed is sent again. */
const heartbeatRetryMs = 100
/** Between heart-beats while a round is expected, and for how long. */
const expectingIntervalMs = 50
const expectingMs = 10_000

const missedGeneration = errorCode('ILLEGAL_GENERATION')

/** Of a long outage most are lost: where another process is, it has to be told soon. */
const strayJoinsMax = 2

export function onJoined(state: MemberState, answer: JoinAnswer, settings: MemberSettings): Step {
  const verdict = judge(answer.errorCode)
  switch (verdict) {
    case 'ok': {
      const { memberId, generation } = answer
      // A group waits so long for a static member and goes on: what that said it has is of its last
      // join, so the generations that it missed may have given its tasks to others, and back.
      if (state.holding && generation > state.generation + 1) {
        return lose(
          state,
          memberError(missedGeneration, settings.groupId, null, 'joining'),
          settings,
        )
      }
      const turn = state.turn + 1
      const provisional = state.provisional || memberId !== state.memberId
      const named = { memberId, provisional, generation }
      return {
        state: { ...state, ...named, phase: 'syncing', turn, failures: 0 },
        // A heart-beat of the old generation that is under way will not be answered to us.
        commands: state.holding
          ? [{ kind: 'sync', turn, memberId, generation }, beatAgain]
          : [{ kind: 'sync', turn, memberId, generation }],
      }
    }
    case 'named':
      return join({ ...state, memberId: answer.memberId }, state.joinReason, false)
    case 'rebalance':
    case 'retry':
      return wait(state, false)
    case 'refresh':
      return wait(state, true)
    case 'expelled':
    case 'outdated':
    case 'instance-fenced':
    case 'fatal':
      return refused(state, answer.errorCode, settings, 'joining')
    default:
      return assertNever(verdict)
  }
}

interface Answered {
  readonly errorCode: number
  readonly sentAt: number
}

export function onSynced(
  state: MemberState,
  { errorCode, sentAt }: Answered,
  settings: MemberSettings,
  nowMs: number,
): Step {
  const aliveUntil = sentAt + settings.sessionTimeoutMs
  const verdict = judge(errorCode)
  switch (verdict) {
    case 'ok':
      return take({ ...state, provisional: false, aliveUntil, stableAt: sentAt }, settings)
    case 'rebalance': {
      if (!state.holding) return join(state, state.joinReason)
      // What is in flight may be committed once more: every member claimed its tasks in this
      // generation, so nobody else has got any of them.
      const next = prepare({ ...state, aliveUntil, stableAt: sentAt }, 'the group rebalances')
      const waited = awaitsUs(next.state, settings, nowMs)
      return {
        state: waited.state,
        commands: [...next.commands, ...startBeating(settings), ...waited.commands],
      }
    }
    case 'retry':
      return wait(state, false)
    // A new coordinator knows only the generation before: nothing can be committed in this one.
    case 'refresh':
      return wait(state, true)
    case 'named':
    case 'expelled':
    case 'outdated':
    case 'instance-fenced':
    case 'fatal':
      return refused(state, errorCode, settings, 'synchronising with')
    default:
      return assertNever(verdict)
  }
}

export function onBeaten(
  state: MemberState,
  { errorCode, sentAt }: Answered,
  settings: MemberSettings,
  nowMs: number,
): Step {
  const aliveUntil = Math.max(state.aliveUntil, sentAt + settings.sessionTimeoutMs)
  const intervalMs = heartbeatIntervalMs(state, settings, nowMs)
  const next: MemberCommand = {
    kind: 'timer',
    name: 'heartbeat',
    delayMs: Math.max(0, sentAt + intervalMs - nowMs),
  }
  const verdict = judge(errorCode)
  switch (verdict) {
    case 'ok':
      return { state: { ...state, aliveUntil, stableAt: sentAt }, commands: [next] }
    case 'rebalance': {
      const { state: called, commands } = onRebalance({ ...state, aliveUntil }, settings, nowMs)
      return { state: called, commands: [...commands, next] }
    }
    case 'retry':
      return { state, commands: [beatAgain] }
    case 'refresh':
      return { state, commands: [{ kind: 'forget-coordinator' }, beatAgain] }
    case 'named':
    case 'expelled':
    case 'outdated':
    case 'instance-fenced':
    case 'fatal':
      // The answer to the JoinGroup or SyncGroup under way will say what to do.
      if (!isMember(state)) return { state, commands: [] }
      return refused(state, errorCode, settings, 'staying in')
    default:
      return assertNever(verdict)
  }
}

function heartbeatIntervalMs(state: MemberState, settings: MemberSettings, nowMs: number): number {
  if (nowMs >= state.expectUntil) return settings.heartbeatIntervalMs
  return Math.min(expectingIntervalMs, settings.heartbeatIntervalMs)
}

/** A round is about to begin, and the group waits for everybody's next heart-beat. */
export function expectRound(state: MemberState, settings: MemberSettings, nowMs: number): Step {
  if (!isMember(state)) return { state, commands: [] }
  const expecting = { ...state, expectUntil: nowMs + expectingMs }
  const delayMs = heartbeatIntervalMs(expecting, settings, nowMs)
  return { state: expecting, commands: [{ kind: 'timer', name: 'heartbeat', delayMs }] }
}

const beatAgain: MemberCommand = { kind: 'timer', name: 'heartbeat', delayMs: heartbeatRetryMs }

export function onUnbeaten(state: MemberState, error: StreamError, settings: MemberSettings): Step {
  if (error.recovery === 'fatal' && isMember(state)) return lose(state, error, settings, error)
  return { state, commands: [{ kind: 'forget-coordinator' }, beatAgain] }
}

/** A JoinGroup or SyncGroup without an answer. */
export function onUndelivered(
  state: MemberState,
  error: StreamError,
  settings: MemberSettings,
  nowMs: number,
): Step {
  if (error.recovery === 'fatal') return lose(state, error, settings, error)
  if (state.holding && nowMs >= state.aliveUntil) {
    return lose({ ...state, generation: -1 }, sessionExpired(settings), settings)
  }
  const nameless = state.phase === 'joining' && state.memberId === ''
  const stray = nameless && settings.instanceId !== null ? 1 : 0
  const strayJoins = Math.min(strayJoinsMax, state.strayJoins + stray)
  return wait({ ...state, strayJoins }, true)
}

function onRebalance(state: MemberState, settings: MemberSettings, nowMs: number): Step {
  if (!isMember(state)) return { state, commands: [] }
  const waited = awaitsUs(state, settings, nowMs)
  if (state.phase !== 'stable') {
    // Being taken over comes first; being prepared is what was asked for.
    const rejoinReason = state.phase === 'taking' ? 'the group rebalances' : null
    return { ...waited, state: { ...waited.state, rejoinReason } }
  }
  const next = prepare(waited.state, 'the group rebalances')
  return { state: next.state, commands: [...next.commands, ...waited.commands] }
}

/** The rebalance began after the last heart-beat that found the group stable. */
function awaitsUs(state: MemberState, settings: MemberSettings, nowMs: number): Step {
  if (state.rejoinBy !== null) return { state, commands: [] }
  const rejoinBy = state.stableAt + settings.rebalanceTimeoutMs
  const delayMs = Math.max(0, rejoinBy - nowMs)
  return { state: { ...state, rejoinBy }, commands: [{ kind: 'timer', name: 'rejoin', delayMs }] }
}

function refused(state: MemberState, code: number, settings: MemberSettings, doing: string): Step {
  const error = memberError(code, settings.groupId, settings.instanceId, doing)
  const verdict = judge(code)
  // Not another process, as far as anybody can tell, but a coordinator that has forgotten the id:
  // as from the start. If it is another process, that one is told.
  if (verdict === 'instance-fenced' && state.provisional && state.memberId !== '') {
    return wait({ ...state, memberId: '' }, true)
  }
  // Nor here: while this JoinGroup waited, one of the process before it came late.
  const nameless = state.phase === 'joining' && state.memberId === ''
  if (verdict === 'instance-fenced' && nameless && state.failures < strayJoinsMax) {
    return wait(state, true)
  }
  // Nor here: a JoinGroup of its own came late. Each excuses it once.
  if (verdict === 'instance-fenced' && state.strayJoins > 0) {
    const { strayJoins } = state
    return lose({ ...state, memberId: '', strayJoins: strayJoins - 1 }, error, settings)
  }
  if (verdict !== 'expelled' && verdict !== 'outdated') return lose(state, error, settings, error)
  // Expelled although it has no id: do not ask without a pause.
  if (state.memberId === '') return wait(state, true)
  return lose(verdict === 'expelled' ? { ...state, memberId: '' } : state, error, settings)
}

export function sessionExpired({ groupId, sessionTimeoutMs }: MemberSettings): StreamError {
  return new StreamError(
    'SESSION_EXPIRED',
    `no heart-beat of the group ${groupId} was answered for ${sessionTimeoutMs} ms, so its tasks ` +
      'belong to others by now; look at the network and at what blocks this process',
    { domain: 'external', recovery: 'rejoin' },
  )
}
