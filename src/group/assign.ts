/**
 * The leader's work: subscriptions in, an assignment for each member out.
 *
 * @remarks Cooperative: a task that somebody runs and somebody else should have is revoked in this
 * round and handed over in the next, after its owner has joined without it (KIP-429). So no two
 * members have a task at any time, whatever round each of them is in. The same input gives the same
 * output on every leader.
 */
import type { TaskId } from '../model/ids.ts'
import {
  type Assignment,
  nothingAssigned,
  type PartitionCount,
  type Refusal,
} from './assignment.ts'
import { findGone, type Gone, idsToFence, nextRoster } from './gone.ts'
import { contested, findHolders, TaskNumbers } from './holders.ts'
import { place } from './placement.ts'
import { planReplicas, type ReplicaRules } from './replicas.ts'
import { groupFingerprint } from './refusal.ts'
import type { RosterEntry } from './roster.ts'
import { divide, type Share, standStill } from './shares.ts'
import { decodeSubscription, type Subscription } from './subscription.ts'

/** What the leader knows by itself. */
export interface LeaderView {
  /** Of the leader's plan. */
  readonly fingerprint: string
  /** Number of tasks of each sub-topology, by its index: the partitions of its source topics. */
  readonly taskCounts: readonly number[]
  /** Of all source topics, for the other members. */
  readonly partitions: readonly PartitionCount[]
  /** Default: no standbys, and tasks move without warm-up. */
  readonly replicas?: ReplicaRules
}

export interface JoinedMember {
  readonly memberId: string
  readonly subscription: Uint8Array
}

interface Accepted {
  readonly memberId: string
  readonly subscription: Subscription
}

/**
 * So many members keep the roster, of different processes where possible: the coordinator stores
 * all subscriptions and assignments in one record of at most 1 MB, which a full roster for each of
 * 200 members would exceed.
 */
const rosterKeepers = 8

/** An assignment for every member. */
export function assignTasks(
  view: LeaderView,
  members: readonly JoinedMember[],
): ReadonlyMap<string, Assignment> {
  const assignments = new Map<string, Assignment>()
  const readable: Accepted[] = []
  for (const { memberId, subscription } of members) {
    const decoded = decodeSubscription(subscription)
    if (decoded.kind === 'read') readable.push({ memberId, subscription: decoded.value })
    else assignments.set(memberId, refuse({ reason: 'unreadable', detail: decoded.reason }))
  }
  const failed = readable.find(({ subscription }) => subscription.failure !== '')
  if (failed !== undefined) return allRefused(members, failed.subscription.failure)
  const fingerprint = groupFingerprint(
    readable.map(({ subscription }) => subscription),
    view.fingerprint,
  )
  const fits = ({ subscription }: Accepted) => subscription.fingerprint === fingerprint
  const others = readable.filter((member) => !fits(member))
  for (const { memberId } of others) {
    assignments.set(memberId, refuse({ reason: 'topology-mismatch', detail: fingerprint }))
  }
  const accepted = readable.filter(fits).toSorted(compareMembers)
  const subscriptions = accepted.map(({ subscription }) => subscription)
  const refused = others.map(({ subscription }) => subscription)
  // A leader with another topology does not know the group's tasks: all keep what they have until
  // it has left.
  const known = fingerprint === view.fingerprint
  const shares = known
    ? share(subscriptions, refused, new TaskNumbers(view.taskCounts), view.replicas)
    : standStill(subscriptions)
  const followedByRound = shares.some(({ revoked }) => revoked.length > 0)
  const memory = remember(subscriptions, refused, shares)
  accepted.forEach(({ memberId }, slot) => {
    assignments.set(memberId, {
      ...nothingAssigned,
      ...shares[slot],
      followedByRound,
      fence: idsToFence(memory.gone, newTasks(subscriptions[slot], shares[slot])),
      searchOpenTransactions: memory.searcher === slot,
      members: memory.searcher === slot ? memory.ids : [],
      roster: memory.keepers.has(slot) ? memory.roster : [],
      rosterComplete: memory.keepers.has(slot) && memory.searcher === undefined,
      partitions: known ? view.partitions : [],
      refusal: null,
    })
  })
  return assignments
}

function share(
  members: readonly Subscription[],
  refused: readonly Subscription[],
  tasks: TaskNumbers,
  rules: ReplicaRules | undefined,
): readonly Share[] {
  if (members.length === 0) return []
  const holders = findHolders(members, tasks)
  // What a refused member still runs is free only when it has left.
  for (const task of refused.flatMap(({ owned }) => owned)) {
    const number = tasks.of(task)
    if (number >= 0) holders.owner[number] = contested
  }
  const wanted = place(members, tasks, holders)
  if (rules === undefined) return divide(members, tasks, holders, wanted)
  const { target, standby, warming } = planReplicas(members, tasks, holders, wanted, rules)
  return divide(members, tasks, holders, target).map((one, slot) => ({
    ...one,
    standby: standby[slot] ?? [],
    warming: warming[slot] ?? [],
  }))
}

interface Memory {
  readonly gone: Gone
  readonly ids: readonly string[]
  readonly roster: readonly RosterEntry[]
  /** Slots that get the roster. */
  readonly keepers: ReadonlySet<number>
  /** The slot that searches for open transactions, if one has to. */
  readonly searcher: number | undefined
}

function remember(
  members: readonly Subscription[],
  refused: readonly Subscription[],
  shares: readonly Share[],
): Memory {
  const all = [...members, ...refused]
  const ids = all.map(({ transactionalId }) => transactionalId)
  const claimed = new Set(all.flatMap(({ owned }) => owned))
  const gone = findGone(all, new Set(ids), claimed)
  const holdings = members.map(({ transactionalId }, slot) => {
    const { active = [], revoked = [] } = shares[slot] ?? {}
    return { transactionalId, tasks: [...active, ...revoked] }
  })
  const keepers = chooseKeepers(members)
  // Also where all tasks are claimed: the owners may still wait for positions, because the member
  // that should have searched for their predecessors died before it had.
  const complete = all.some(({ rosterComplete }) => rosterComplete)
  const unknown = holdings.some(({ tasks }) =>
    tasks.some((task) => !claimed.has(task) && !gone.known.has(task)),
  )
  return {
    gone,
    ids,
    roster: nextRoster(gone, holdings),
    keepers: new Set(keepers),
    searcher: unknown || !complete ? keepers[0] : undefined,
  }
}

/** The first slot of each process, then the second of each, and so on. */
function chooseKeepers(members: readonly Subscription[]): readonly number[] {
  const ranks = new Map<string, number>()
  return members
    .map(({ process }, slot) => {
      const rank = ranks.get(process) ?? 0
      ranks.set(process, rank + 1)
      return { slot, rank }
    })
    .sort((a, b) => a.rank - b.rank || a.slot - b.slot)
    .slice(0, rosterKeepers)
    .map(({ slot }) => slot)
}

function newTasks(member: Subscription | undefined, share: Share | undefined): readonly TaskId[] {
  const owned = new Set(member?.owned)
  return share?.active.filter((task) => !owned.has(task)) ?? []
}

/** One has failed for good, and wants all to stop (Kafka Streams' SHUTDOWN_APPLICATION). */
function allRefused(
  members: readonly JoinedMember[],
  detail: string,
): ReadonlyMap<string, Assignment> {
  const refused = refuse({ reason: 'application-failed', detail })
  return new Map(members.map(({ memberId }) => [memberId, refused]))
}

function refuse(refusal: Refusal): Assignment {
  return { ...nothingAssigned, refusal }
}

function compareMembers(a: Accepted, b: Accepted): number {
  const byProcess = compareText(a.subscription.process, b.subscription.process)
  const bySlot = a.subscription.slot - b.subscription.slot
  return byProcess || bySlot || compareText(a.memberId, b.memberId)
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
