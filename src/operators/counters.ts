/** What is left out of a task, as plain numbers; whoever publishes metrics reads them. */
export interface LossCounters {
  /** Records that a `skip` policy left out. */
  skipped: number
  deadLettered: number
  /** Records without a key or value where an operator needs one. */
  dropped: number
  /** Records that came after all of their windows had closed. */
  late: number
}

/** What a task counts. */
export interface TaskCounters extends LossCounters {
  /** Records taken from the inputs, skipped ones included, control records not. */
  processed: number
  /** Offsets whose metadata had an unknown version: their watermark starts anew. */
  metadataIgnored: number
}

export function newTaskCounters(): TaskCounters {
  return { processed: 0, skipped: 0, deadLettered: 0, dropped: 0, late: 0, metadataIgnored: 0 }
}

/** What one node of a task left out: what it counts, the task counts too. */
export class NodeCounters implements LossCounters {
  readonly node: string
  readonly #task: LossCounters
  readonly #own: LossCounters = { skipped: 0, deadLettered: 0, dropped: 0, late: 0 }

  constructor(node: string, task: LossCounters) {
    this.node = node
    this.#task = task
  }

  get skipped(): number {
    return this.#own.skipped
  }

  set skipped(count: number) {
    this.#count('skipped', count)
  }

  get deadLettered(): number {
    return this.#own.deadLettered
  }

  set deadLettered(count: number) {
    this.#count('deadLettered', count)
  }

  get dropped(): number {
    return this.#own.dropped
  }

  set dropped(count: number) {
    this.#count('dropped', count)
  }

  get late(): number {
    return this.#own.late
  }

  set late(count: number) {
    this.#count('late', count)
  }

  /** As it is now; undefined where nothing was left out. */
  picture(): NodeLosses | undefined {
    const { skipped, deadLettered, dropped, late } = this.#own
    if (skipped + deadLettered + dropped + late === 0) return undefined
    return { node: this.node, skipped, deadLettered, dropped, late }
  }

  #count(what: keyof LossCounters, count: number): void {
    this.#task[what] += count - this.#own[what]
    this.#own[what] = count
  }
}

export interface NodeLosses extends Readonly<LossCounters> {
  readonly node: string
}
