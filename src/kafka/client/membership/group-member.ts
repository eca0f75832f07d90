/**
 * Carries out what the membership machine says: requests, timers, hooks. Decides nothing itself.
 */
import { assertNever, type StreamError } from '../../../model/errors.ts'
import { generation } from '../../../model/ids.ts'
import { decodeAssignment, decodeSubscription } from '../../protocol/consumer-protocol.ts'
import type { ClientContext } from '../context.ts'
import { toStreamError } from '../failure.ts'
import type {
  GroupIdentity,
  GroupMember,
  MemberAssignment,
  MemberOptions,
  MemberSubscription,
} from '../port.ts'
import { GroupRequests, type JoinGroupAnswer } from './group-requests.ts'
import { step } from './machine.ts'
import {
  isMember,
  type MemberCommand,
  type MemberEvent,
  type MemberState,
  type TimerName,
  unjoined,
} from './state.ts'

type CommandOf<K extends MemberCommand['kind']> = Extract<MemberCommand, { readonly kind: K }>

export class ClassicGroupMember implements GroupMember {
  readonly #context: ClientContext
  readonly #options: MemberOptions
  readonly #requests: GroupRequests
  readonly #timers = new Map<TimerName, () => void>()
  readonly #jitter: () => number
  readonly #end = Promise.withResolvers<undefined>()
  #state: MemberState = unjoined
  /** As sent with the present round's first JoinGroup. */
  #subscription: Uint8Array = new Uint8Array(0)
  #joined: JoinGroupAnswer | undefined
  #assignment: Uint8Array = new Uint8Array(0)

  constructor(context: ClientContext, options: MemberOptions) {
    this.#context = context
    this.#options = options
    this.#requests = new GroupRequests(context, options)
    this.#jitter = context.env.random('group-backoff')
  }

  start(): void {
    this.#handle({ kind: 'start' })
  }

  identity(): GroupIdentity | undefined {
    const alive = this.#context.env.clock.monotonic() < this.#state.aliveUntil
    if (!alive || !isMember(this.#state)) return undefined
    const { groupId, instanceId } = this.#options
    const { memberId } = this.#state
    return { groupId, memberId, instanceId, generation: generation(this.#state.generation) }
  }

  rejoin(reason: string): void {
    this.#handle({ kind: 'rejoin-asked', reason })
  }

  expectRound(): void {
    this.#handle({ kind: 'round-expected' })
  }

  async leave(): Promise<void> {
    this.#handle({ kind: 'leave-asked', reason: 'the worker stops' })
    await this.#end.promise
  }

  async close(): Promise<void> {
    this.#handle({ kind: 'close-asked' })
    await this.#end.promise
  }

  #handle(event: MemberEvent): void {
    const before = this.#state
    const { clock, logger } = this.#context.env
    const { state, commands } = step(before, event, this.#options, clock.monotonic())
    this.#state = state
    if (state.phase !== before.phase) {
      const { groupId: group, instanceId: instance } = this.#options
      const { memberId, generation } = state
      logger.debug(
        { group, instance, memberId, generation, from: before.phase, to: state.phase },
        'membership changes',
      )
    }
    for (const command of commands) this.#carryOut(command)
  }

  #carryOut(command: MemberCommand): void {
    switch (command.kind) {
      case 'forget-coordinator':
        return this.#requests.forgetCoordinator()
      case 'join':
        return this.#ask(command.turn, 'joining', () => this.#join(command))
      case 'sync':
        return this.#ask(command.turn, 'synchronising with', () => this.#sync(command))
      case 'heartbeat':
        void this.#beat(command).then((event) => this.#handle(event))
        return undefined
      case 'leave':
        void this.#leave(command).then((event) => this.#handle(event))
        return undefined
      case 'call':
        void this.#call(command).then((event) => this.#handle(event))
        return undefined
      case 'timer':
        return this.#arm(command)
      case 'cancel':
        return this.#cancel(command.name)
      case 'fatal':
        queueMicrotask(() => this.#options.onFatal(command.error))
        return undefined
      case 'ended':
        void this.#requests.close().finally(() => this.#end.resolve(undefined))
        return undefined
      default:
        return assertNever(command)
    }
  }

  #ask(turn: number, doing: string, request: () => Promise<MemberEvent>): void {
    void request()
      .catch(
        (error: unknown): MemberEvent => ({
          kind: 'undelivered',
          turn,
          error: this.#error(error, doing),
        }),
      )
      .then((event) => this.#handle(event))
  }

  #error(error: unknown, doing: string): StreamError {
    const streamError = toStreamError(error, `${doing} the group ${this.#options.groupId}`)
    const { code, message } = streamError
    this.#context.env.logger.debug({ group: this.#options.groupId, code }, message)
    return streamError
  }

  async #join({ turn, memberId, reason, fresh }: CommandOf<'join'>): Promise<MemberEvent> {
    const { protocolName } = this.#options
    if (fresh) this.#subscription = this.#options.subscription()
    const joined = await this.#requests.join({
      memberId,
      protocolName,
      topics: this.#options.topics(),
      subscription: this.#subscription,
      reason,
    })
    this.#joined = joined
    const { errorCode, generationId } = joined
    const answer = { errorCode, memberId: joined.memberId, generation: generationId }
    return { kind: 'joined', turn, answer }
  }

  async #sync(command: CommandOf<'sync'>): Promise<MemberEvent> {
    const sentAt = this.#context.env.clock.monotonic()
    const { errorCode, assignment } = await this.#requests.sync(
      command,
      this.#options.protocolName,
      this.#assignments(),
    )
    if (errorCode === 0) {
      this.#assignment = decodeAssignment(assignment).userData ?? new Uint8Array(0)
    }
    return { kind: 'synced', turn: command.turn, errorCode, sentAt }
  }

  /** What the leader sends. A static leader that came back skips it: the stored one stays. */
  #assignments(): ReadonlyMap<string, MemberAssignment> {
    const joined = this.#joined
    if (joined === undefined || joined.leader !== joined.memberId || joined.skipAssignment) {
      return new Map()
    }
    const members = joined.members.map(
      ({ memberId, groupInstanceId, metadata }): MemberSubscription => ({
        memberId,
        instanceId: groupInstanceId,
        subscription: userData(metadata),
      }),
    )
    return this.#options.assign(members)
  }

  async #beat({ memberId, generation }: CommandOf<'heartbeat'>): Promise<MemberEvent> {
    const { clock } = this.#context.env
    const sentAt = clock.monotonic()
    // An answer that is late leaves time for another attempt within the session.
    const timeoutMs = Math.max(this.#options.sessionTimeoutMs / 3, 1)
    try {
      const errorCode = await this.#requests.heartbeat({ memberId, generation }, timeoutMs)
      return { kind: 'beaten', generation, errorCode, sentAt }
    } catch (error) {
      return { kind: 'unbeaten', generation, error: this.#error(error, 'staying in') }
    }
  }

  async #leave({ turn, memberId, reason }: CommandOf<'leave'>): Promise<MemberEvent> {
    try {
      await this.#requests.leave(memberId, reason)
    } catch (error) {
      // The session time-out does it then.
      this.#error(error, 'leaving')
    }
    return { kind: 'left', turn }
  }

  async #call(command: CommandOf<'call'>): Promise<MemberEvent> {
    const { turn, hook } = command
    const identity = this.#presentIdentity()
    // A hook that asks for something at once must not do so between two commands of one step.
    await Promise.resolve()
    try {
      if (hook === 'rejoin') await this.#options.onRejoin()
      else if (hook === 'lost') await this.#options.onLost(command.error)
      else await this.#options.onAssigned(this.#assignment, identity)
      return { kind: 'hook-done', turn }
    } catch (error) {
      return { kind: 'hook-failed', turn, error: this.#error(error, 'the worker, called by') }
    }
  }

  #presentIdentity(): GroupIdentity {
    const { groupId, instanceId } = this.#options
    const { memberId } = this.#state
    return { groupId, memberId, instanceId, generation: generation(this.#state.generation) }
  }

  #arm({ name, delayMs }: CommandOf<'timer'>): void {
    this.#cancel(name)
    // Members that lost the same broker do not all come back at once.
    const delay = name === 'retry' ? delayMs * (0.5 + 0.5 * this.#jitter()) : delayMs
    const cancel = this.#context.env.timers.after(delay, () => {
      this.#timers.delete(name)
      this.#handle({ kind: 'timer', name })
    })
    this.#timers.set(name, cancel)
  }

  #cancel(name: TimerName): void {
    this.#timers.get(name)?.()
    this.#timers.delete(name)
  }
}

/** Somebody else's member may have none, or no consumer's data at all: the leader judges. */
function userData(metadata: Uint8Array): Uint8Array {
  try {
    return decodeSubscription(metadata).userData ?? new Uint8Array(0)
  } catch {
    return new Uint8Array(0)
  }
}
