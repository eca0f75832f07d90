/** The four requests of the classic group protocol, on two lanes: a JoinGroup blocks its socket. */
import type { NodeId, TopicPartition } from '../../../model/ids.ts'
import type { ClientContext } from '../context.ts'
import { encodeAssignment, encodeSubscription } from '../../protocol/consumer-protocol.ts'
import { heartbeat, joinGroup, leaveGroup, syncGroup } from '../../protocol/messages/index.ts'
import type { Api, Decoded, Fields } from '../../protocol/schema.ts'
import type { WireLane } from '../../wire.ts'
import { check } from '../failure.ts'
import type { MemberAssignment } from '../port.ts'
import type { Call } from '../request.ts'
import type { MemberSettings } from './state.ts'

/**
 * The type and the data of a consumer: so Kafka's own tools show members, partitions and lag, and a
 * broker keeps the positions of the subscribed topics as long as the group lives.
 */
const protocolType = 'consumer'
/** Of the data around ours; version 1 is known to every broker and tool that is still in use. */
const consumerProtocolVersion = 1
const lookUpMs = 5_000
const leaveMs = 3_000

export type JoinGroupAnswer = Decoded<typeof joinGroup.response>

export interface JoinDescription {
  readonly memberId: string
  readonly protocolName: string
  readonly topics: readonly string[]
  readonly subscription: Uint8Array
  readonly reason: string
}

/** The member as it is addressed after it has joined. */
export interface MemberName {
  readonly memberId: string
  readonly generation: number
}

export class GroupRequests {
  readonly #context: ClientContext
  readonly #settings: MemberSettings
  readonly #joins: WireLane
  readonly #heartbeats: WireLane
  /**
   * A broker may hold JoinGroup and SyncGroup for a whole rebalance, and a connection that died in
   * silence looks the same. Both may be asked again (the broker keeps the member's place), so they
   * are, often enough that a lost answer does not cost the session.
   */
  readonly #answerMs: number
  /** Where a JoinGroup or SyncGroup is under way. */
  #asked: NodeId | undefined

  constructor(context: ClientContext, settings: MemberSettings) {
    this.#context = context
    this.#settings = settings
    this.#joins = context.wire.lane('group')
    this.#heartbeats = context.wire.lane('heartbeat')
    this.#answerMs = settings.sessionTimeoutMs / 2
  }

  forgetCoordinator(): void {
    this.#context.coordinators.forget('group', this.#settings.groupId)
  }

  async join(member: JoinDescription): Promise<JoinGroupAnswer> {
    const { groupId, instanceId, sessionTimeoutMs, rebalanceTimeoutMs } = this.#settings
    const metadata = encodeSubscription(
      { topics: member.topics, userData: member.subscription, ownedPartitions: [] },
      consumerProtocolVersion,
    )
    return this.#ask(joinGroup, {
      min: 5,
      message: {
        groupId,
        sessionTimeoutMs,
        rebalanceTimeoutMs,
        memberId: member.memberId,
        groupInstanceId: instanceId,
        protocolType,
        protocols: [{ name: member.protocolName, metadata }],
        reason: member.reason,
      },
    })
  }

  /** @param assignments Empty unless this member leads. */
  async sync(
    { memberId, generation }: MemberName,
    protocolName: string,
    assignments: ReadonlyMap<string, MemberAssignment>,
  ): Promise<Decoded<typeof syncGroup.response>> {
    return this.#ask(syncGroup, {
      min: 3,
      message: {
        groupId: this.#settings.groupId,
        generationId: generation,
        memberId,
        groupInstanceId: this.#settings.instanceId,
        protocolType,
        protocolName,
        assignments: Array.from(assignments, ([member, { assignment, partitions }]) => ({
          memberId: member,
          assignment: encodeAssignment(
            { assignedPartitions: byTopic(partitions), userData: assignment },
            consumerProtocolVersion,
          ),
        })),
      },
    })
  }

  /** Answers the error code. */
  async heartbeat({ memberId, generation }: MemberName, timeoutMs: number): Promise<number> {
    const { groupId, instanceId } = this.#settings
    const answer = await this.#context.requests.send(heartbeat, {
      node: await this.#coordinator(),
      lane: this.#heartbeats,
      min: 3,
      timeoutMs,
      message: { groupId, generationId: generation, memberId, groupInstanceId: instanceId },
    })
    return answer.errorCode
  }

  /** Not on the lane of the JoinGroup, which may be waiting. @throws StreamError */
  async leave(memberId: string, reason: string): Promise<void> {
    const { groupId, instanceId } = this.#settings
    const doing = `leaving the group ${groupId}`
    const rules = { doing, timeoutMs: leaveMs, refresh: () => this.forgetCoordinator() }
    await this.#context.requests.retrying(rules, async (remainingMs) => {
      const answer = await this.#context.requests.send(leaveGroup, {
        node: await this.#coordinator(),
        lane: this.#heartbeats,
        min: 3,
        timeoutMs: remainingMs,
        message: {
          groupId,
          memberId,
          members: [{ memberId, groupInstanceId: instanceId, reason }],
        },
      })
      check(answer.errorCode, doing)
      for (const member of answer.members) check(member.errorCode, doing)
    })
  }

  async close(): Promise<void> {
    await Promise.all([this.#joins.close(), this.#heartbeats.close()])
  }

  /** One at a time: behind an older one that nobody waits for any more it would be stuck. */
  async #ask<Q extends Fields, P extends Fields>(
    api: Api<Q, P>,
    call: Omit<Call<Q>, 'node' | 'lane' | 'timeoutMs'>,
  ): Promise<Decoded<P>> {
    if (this.#asked !== undefined) this.#joins.drop(this.#asked)
    const node = await this.#coordinator()
    this.#asked = node
    const answer = await this.#context.requests.send(api, {
      ...call,
      node,
      lane: this.#joins,
      timeoutMs: this.#answerMs,
    })
    this.#asked = undefined
    return answer
  }

  #coordinator(): Promise<NodeId> {
    return this.#context.coordinators.of('group', this.#settings.groupId, lookUpMs)
  }
}

function byTopic(partitions: readonly TopicPartition[]) {
  return Array.from(
    Map.groupBy(partitions, ({ topic }) => topic),
    ([topic, some]) => ({ topic, partitions: some.map(({ partition }) => partition) }),
  )
}
