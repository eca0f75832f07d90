/**
 * Membership as data: what a member knows, what can happen to it, what it does about it. The
 * machine (`machine.ts`) is pure; `group-member.ts` carries its commands out.
 *
 * @remarks
 * ```
 *             start            JoinGroup          SyncGroup           onAssigned
 *   unjoined ───────▶ joining ──────────▶ syncing ──────────▶ taking ────────────▶ stable
 *                      ▲  ▲ ╲ failed        │ 27                 │ 27                │ 27, rejoin()
 *                      │  │  ▼              ▼                    ▼ (when taken)      ▼
 *                      │ waiting         preparing ◀────────────────────────── preparing
 *                      │                    │ onRejoin
 *                      ╰────────────────────╯
 *   22, 25, end of the session: losing (onLost) ──▶ joining    82, fatal codes: losing ──▶ ended
 * ```
 * Heart-beats go out in taking, stable and preparing, and also while JoinGroup or SyncGroup wait if
 * the member has something to lose: an answer that never comes is told from a long rebalance so.
 */
import type { StreamError } from '../../../model/errors.ts'

export type Phase =
  | 'unjoined'
  /** A JoinGroup is in flight; the broker may hold it for the whole rebalance. */
  | 'joining'
  /** Between two attempts to join. */
  | 'waiting'
  | 'syncing'
  /** `onAssigned` runs. */
  | 'taking'
  | 'stable'
  /** `onRejoin` runs: the old generation may still commit. */
  | 'preparing'
  /** `onLost` runs. */
  | 'losing'
  /** A LeaveGroup is in flight. */
  | 'leaving'
  | 'ended'

export interface MemberState {
  readonly phase: Phase
  /** Empty until a broker has given one. */
  readonly memberId: string
  /**
   * No SyncGroup has worked under the member id yet: a coordinator keeps it in memory only, and
   * one that starts again knows a static member by the id before.
   */
  readonly provisional: boolean
  /**
   * JoinGroups of a static member without an id that got no answer. Each may still reach a
   * coordinator that was stuck, which then gives the instance another id: this member looks fenced
   * and is not.
   */
  readonly strayJoins: number
  /** −1: none. */
  readonly generation: number
  /**
   * Grows with each request of the join cycle and each hook, so that an answer which nobody waits
   * for any more is told from the one that is awaited.
   */
  readonly turn: number
  /** Failed attempts to join in a row. */
  readonly failures: number
  /** True from the first assignment after a loss: there is something to lose. */
  readonly holding: boolean
  /** Why to join again as soon as the present assignment is taken; null: no reason. */
  readonly rejoinReason: string | null
  /** The reason sent with the next JoinGroup. */
  readonly joinReason: string
  /** When the last heart-beat that found the group stable was sent: a rebalance began later. */
  readonly stableAt: number
  /** The group waits so long for this member to join again; null: it does not wait. */
  readonly rejoinBy: number | null
  /** Until then the broker certainly has not expelled the member, unless it says so. */
  readonly aliveUntil: number
  /** Until then heart-beats go out often, because a round is about to begin. */
  readonly expectUntil: number
  /** What follows `losing`: an error ends the membership, null joins again. */
  readonly ending: StreamError | null
}

export interface MemberSettings {
  readonly groupId: string
  readonly instanceId: string | null
  readonly sessionTimeoutMs: number
  readonly rebalanceTimeoutMs: number
  readonly heartbeatIntervalMs: number
}

export type Hook = 'rejoin' | 'assigned' | 'lost'
export type TimerName = 'heartbeat' | 'retry' | 'session' | 'rejoin'

/** A JoinGroup answer, as far as the machine needs it. */
export interface JoinAnswer {
  readonly errorCode: number
  readonly memberId: string
  readonly generation: number
}

export type MemberEvent =
  | { readonly kind: 'start' }
  | { readonly kind: 'joined'; readonly turn: number; readonly answer: JoinAnswer }
  | {
      readonly kind: 'synced'
      readonly turn: number
      readonly errorCode: number
      readonly sentAt: number
    }
  /** A request of the join cycle got no answer, or none that can be used. */
  | { readonly kind: 'undelivered'; readonly turn: number; readonly error: StreamError }
  | {
      readonly kind: 'beaten'
      readonly generation: number
      readonly errorCode: number
      readonly sentAt: number
    }
  | { readonly kind: 'unbeaten'; readonly generation: number; readonly error: StreamError }
  | { readonly kind: 'hook-done'; readonly turn: number }
  | { readonly kind: 'hook-failed'; readonly turn: number; readonly error: StreamError }
  | { readonly kind: 'timer'; readonly name: TimerName }
  | { readonly kind: 'rejoin-asked'; readonly reason: string }
  | { readonly kind: 'round-expected' }
  | { readonly kind: 'leave-asked'; readonly reason: string }
  | { readonly kind: 'close-asked' }
  | { readonly kind: 'left'; readonly turn: number }

export type MemberCommand =
  | { readonly kind: 'forget-coordinator' }
  | {
      readonly kind: 'join'
      readonly turn: number
      readonly memberId: string
      readonly reason: string
      /** True for the first attempt of a round: only then the member describes itself anew. */
      readonly fresh: boolean
    }
  | {
      readonly kind: 'sync'
      readonly turn: number
      readonly memberId: string
      readonly generation: number
    }
  | { readonly kind: 'heartbeat'; readonly memberId: string; readonly generation: number }
  | {
      readonly kind: 'leave'
      readonly turn: number
      readonly memberId: string
      readonly reason: string
    }
  | { readonly kind: 'call'; readonly hook: 'rejoin'; readonly turn: number }
  | { readonly kind: 'call'; readonly hook: 'assigned'; readonly turn: number }
  | {
      readonly kind: 'call'
      readonly hook: 'lost'
      readonly turn: number
      readonly error: StreamError
    }
  | { readonly kind: 'timer'; readonly name: TimerName; readonly delayMs: number }
  | { readonly kind: 'cancel'; readonly name: TimerName }
  | { readonly kind: 'fatal'; readonly error: StreamError }
  /** Nothing more will happen: lanes may be closed, those who wait for the end told. */
  | { readonly kind: 'ended' }

export interface Step {
  readonly state: MemberState
  readonly commands: readonly MemberCommand[]
}

export const unjoined: MemberState = {
  phase: 'unjoined',
  memberId: '',
  provisional: true,
  strayJoins: 0,
  generation: -1,
  turn: 0,
  failures: 0,
  holding: false,
  rejoinReason: null,
  joinReason: '',
  stableAt: 0,
  rejoinBy: null,
  aliveUntil: 0,
  expectUntil: 0,
  ending: null,
}

/** The phases in which the generation is this member's own: it may commit, and it beats. */
export function isMember({ phase }: MemberState): boolean {
  return phase === 'taking' || phase === 'stable' || phase === 'preparing'
}

/** Whether heart-beats go out and the session is watched. */
export function beats(state: MemberState): boolean {
  if (isMember(state)) return true
  const { phase, holding, generation } = state
  const between = phase === 'joining' || phase === 'waiting' || phase === 'syncing'
  return between && holding && generation >= 0
}
