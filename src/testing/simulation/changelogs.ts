/**
 * What the changelogs of all stores have had at each committed offset. They are read on as they
 * grow, so what is purged later stays known.
 */
import type { Cluster } from '../../kafka/broker/cluster.ts'
import type { PartitionLog } from '../../kafka/broker/log/partition-log.ts'
import type { Plan } from '../../plan/plan.ts'
import type { StoreSpec } from '../../state/spec.ts'
import { committedOf } from './committed-log.ts'

/** Keys and values as hexadecimal digits. */
export type Contents = ReadonlyMap<string, string>

interface Change {
  readonly offset: number
  /** Null: deleted. */
  readonly value: string | null
}

/** One partition of a changelog. */
export class Changelog {
  readonly log: PartitionLog
  readonly #changes = new Map<string, Change[]>()
  #position = 0
  #isWhole = true

  constructor(log: PartitionLog) {
    this.log = log
  }

  /** False: records were purged before they could be read here. */
  get isWhole(): boolean {
    this.#readOn()
    return this.#isWhole
  }

  /** True where everything below the offset has committed or aborted. */
  isSettled(offset: number): boolean {
    return offset <= this.log.lastStableOffset
  }

  /** Each key's last committed value below a settled offset. */
  at(offset: number): Contents {
    this.#readOn()
    const found = new Map<string, string>()
    for (const [key, changes] of this.#changes) {
      const last = changes.findLast((change) => change.offset < offset)
      if (last !== undefined && last.value !== null) found.set(key, last.value)
    }
    return found
  }

  /** Whether a key has had this value at some time below a settled offset. */
  hasHad(key: string, value: string, offset: number): boolean {
    this.#readOn()
    const changes = this.#changes.get(key) ?? []
    return changes.some((change) => change.offset < offset && change.value === value)
  }

  #readOn(): void {
    const { log } = this
    if (log.startOffset > this.#position) this.#isWhole = false
    for (const { key, value, offset } of committedOf(log, this.#position)) {
      if (key === null) continue
      const change = { offset, value: value && hex(value) }
      const changes = this.#changes.get(hex(key))
      if (changes === undefined) this.#changes.set(hex(key), [change])
      else changes.push(change)
    }
    this.#position = Math.max(this.#position, log.lastStableOffset)
  }
}

export class Changelogs {
  readonly #plan: Plan
  readonly #cluster: Cluster
  readonly #read = new Map<PartitionLog, Changelog>()

  constructor(plan: Plan, cluster: Cluster) {
    this.#plan = plan
    this.#cluster = cluster
  }

  /** Undefined where the store has none, or not yet. */
  of(store: StoreSpec, partition: number): Changelog | undefined {
    const isOwn = (one: Plan['internalTopics'][number]) =>
      one.kind === 'changelog' && one.store === store.name
    const topic = store.sourceTopic ?? this.#plan.internalTopics.find(isOwn)?.name
    const log = this.#cluster.topics.get(topic ?? '')?.partitions[partition]?.log
    if (log === undefined) return undefined
    const known = this.#read.get(log) ?? new Changelog(log)
    this.#read.set(log, known)
    return known
  }

  /** Of all partitions of a store. */
  all(store: StoreSpec): readonly Changelog[] {
    const found: Changelog[] = []
    for (let partition = 0; ; partition++) {
      const changelog = this.of(store, partition)
      if (changelog === undefined) return found
      found.push(changelog)
    }
  }
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
