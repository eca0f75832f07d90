import type { PartitionCount } from '../group/assignment.ts'
import type { PartitionCounts } from './topics.ts'

/**
 * Topics may get partitions while a group runs, and workers look at them when they start. All go by
 * what their leader knows: who went by its own look could run a task without the inputs that the
 * group thinks it reads.
 */
export class GroupPartitions {
  #known: PartitionCounts
  #agreed: PartitionCounts

  /** @param counts As this worker found them. */
  constructor(counts: PartitionCounts) {
    this.#known = counts
    this.#agreed = counts
  }

  /** The largest counts that this worker has heard of: by these it leads. */
  get known(): PartitionCounts {
    return this.#known
  }

  /** By these its tasks read. */
  get agreed(): PartitionCounts {
    return this.#agreed
  }

  /** @returns Whether anything is different: then tasks that run have to be opened anew. */
  agree(told: readonly PartitionCount[]): boolean {
    const changed = told.some(({ topic, partitions }) => this.#agreed.get(topic) !== partitions)
    if (!changed) return false
    const known = new Map(this.#known)
    const agreed = new Map(this.#agreed)
    for (const { topic, partitions } of told) {
      known.set(topic, Math.max(partitions, known.get(topic) ?? 0))
      agreed.set(topic, partitions)
    }
    this.#known = known
    this.#agreed = agreed
    return true
  }
}
