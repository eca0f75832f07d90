/** Committed positions of a group, and those that wait for their transaction to end. */
export interface CommittedOffset {
  readonly offset: number
  readonly leaderEpoch: number
  readonly metadata: string
}

interface Place {
  readonly topic: string
  readonly partition: number
}

interface Entry extends Place {
  readonly committed: CommittedOffset
  /** Number of the commit: a transaction's end does not go back behind a later plain commit. */
  readonly order: number
}

const keyOf = ({ topic, partition }: Place): string => `${topic}/${partition}`

export class GroupOffsets {
  readonly #committed = new Map<string, Entry>()
  /** Producer id → positions of its open transaction. */
  readonly #pending = new Map<number, Map<string, Entry>>()
  #commits = 0

  commit(place: Place, committed: CommittedOffset): void {
    this.#committed.set(keyOf(place), { ...place, committed, order: ++this.#commits })
  }

  /** Takes a position that becomes valid when the producer's transaction commits. */
  commitPending(producerId: number, place: Place, committed: CommittedOffset): void {
    const pending = this.#pending.get(producerId) ?? new Map<string, Entry>()
    pending.set(keyOf(place), { ...place, committed, order: ++this.#commits })
    this.#pending.set(producerId, pending)
  }

  end(producerId: number, commit: boolean): void {
    const pending = this.#pending.get(producerId)
    this.#pending.delete(producerId)
    if (pending === undefined || !commit) return
    for (const [key, entry] of pending) {
      if (entry.order > (this.#committed.get(key)?.order ?? 0)) this.#committed.set(key, entry)
    }
  }

  get(topic: string, partition: number): CommittedOffset | undefined {
    return this.#committed.get(keyOf({ topic, partition }))?.committed
  }

  /** Whether an open transaction is about to change the position (KIP-447). */
  isUnstable(topic: string, partition: number): boolean {
    const key = keyOf({ topic, partition })
    for (const pending of this.#pending.values()) if (pending.has(key)) return true
    return false
  }

  /** Partitions that have a position, by topic; those that only wait for one are not among them. */
  places(): ReadonlyMap<string, readonly number[]> {
    const topics = new Map<string, number[]>()
    for (const { topic, partition } of this.#committed.values()) {
      topics.set(topic, [...(topics.get(topic) ?? []), partition])
    }
    return topics
  }

  forgetTopic(topic: string): void {
    for (const entries of [this.#committed, ...this.#pending.values()]) {
      for (const [key, entry] of entries) if (entry.topic === topic) entries.delete(key)
    }
  }
}
