/** A consumer group's member, as tests of the broker need one. */
import {
  heartbeat,
  joinGroup,
  leaveGroup,
  offsetCommit,
  syncGroup,
} from '../../../../src/kafka/protocol/messages/index.ts'
import type { Asked, BrokerBench } from './broker-bench.ts'

export interface MemberSettings {
  readonly instanceId?: string
  readonly sessionTimeoutMs?: number
  readonly rebalanceTimeoutMs?: number
  readonly metadata?: string
  readonly joinVersion?: number
}

type Joining = Asked<typeof joinGroup.response>

export class GroupMember {
  readonly #bench: BrokerBench
  readonly #group: string
  readonly #settings: MemberSettings
  metadata: string
  id = ''
  generation = -1
  leads = false
  /** The members that the leader was told. */
  known: readonly string[] = []

  constructor(bench: BrokerBench, group: string, settings: MemberSettings = {}) {
    this.#bench = bench
    this.#group = group
    this.#settings = settings
    this.metadata = settings.metadata ?? 'm'
  }

  /** Sends JoinGroup; a first one that only gets an id is followed by a second. */
  join(): Joining {
    const asked = this.#join()
    if (this.id !== '' || asked.answer === undefined || asked.answer.memberId === '') return asked
    if (asked.answer.errorCode === 0) return asked
    this.id = asked.answer.memberId
    return this.#join()
  }

  #join(): Joining {
    const {
      instanceId = null,
      sessionTimeoutMs = 10_000,
      rebalanceTimeoutMs = 30_000,
    } = this.#settings
    return this.#bench.ask(joinGroup, this.#settings.joinVersion ?? 9, {
      groupId: this.#group,
      sessionTimeoutMs,
      rebalanceTimeoutMs,
      memberId: this.id,
      groupInstanceId: instanceId,
      protocolType: 'test',
      protocols: [{ name: 'plan', metadata: Buffer.from(this.metadata) }],
    })
  }

  /** Takes in the answer to JoinGroup; its error code. */
  take(asked: Joining): number {
    const answer = asked.get()
    if (answer.errorCode !== 0) return answer.errorCode
    this.id = answer.memberId
    this.generation = answer.generationId
    this.leads = answer.leader === answer.memberId
    this.known = answer.members.map((member) => member.memberId)
    return 0
  }

  sync(assignments: Readonly<Record<string, string>> = {}) {
    return this.#bench.ask(syncGroup, 5, {
      groupId: this.#group,
      generationId: this.generation,
      memberId: this.id,
      groupInstanceId: this.#settings.instanceId ?? null,
      protocolType: 'test',
      protocolName: 'plan',
      assignments: Object.entries(assignments).map(([memberId, text]) => ({
        memberId,
        assignment: Buffer.from(text),
      })),
    })
  }

  heartbeat(): number {
    const { generation: generationId, id: memberId } = this
    const groupInstanceId = this.#settings.instanceId ?? null
    const message = { groupId: this.#group, generationId, memberId, groupInstanceId }
    return this.#bench.ask(heartbeat, 4, message).get().errorCode
  }

  leave(): number | undefined {
    const leaving = { memberId: this.id, groupInstanceId: this.#settings.instanceId ?? null }
    const answer = this.#bench.ask(leaveGroup, 4, { groupId: this.#group, members: [leaving] })
    return answer.get().members[0]?.errorCode
  }

  /** The error code of a plain commit of offset 1 of partition 0. */
  commit(topic: string): number | undefined {
    const partition = { partitionIndex: 0, committedOffset: 1, committedMetadata: '' }
    const answer = this.#bench.ask(offsetCommit, 8, {
      groupId: this.#group,
      generationIdOrMemberEpoch: this.generation,
      memberId: this.id,
      groupInstanceId: this.#settings.instanceId ?? null,
      topics: [{ name: topic, partitions: [partition] }],
    })
    return answer.get().topics[0]?.partitions[0]?.errorCode
  }
}

export function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString()
}
