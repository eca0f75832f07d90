/**
 * How many tasks of each sub-topology each slot gets, so that as few as possible leave the slot
 * that holds them.
 *
 * @remarks Per sub-topology all slots get the floor of the mean, and the rest, the extras, go to
 * different slots; over all sub-topologies the extras of two slots differ by one at most, and so do
 * the higher ones over processes of one size. Such a distribution always exists (dealing the extras
 * out in turn is one), and any partial one can be completed by exchanging single extras.
 */
export interface BalanceInput {
  /** Index of the process of each slot; slots of one process are neighbours. */
  readonly processOf: readonly number[]
  /** Number of tasks of each sub-topology. */
  readonly counts: readonly number[]
  /** Tasks that a slot holds of a sub-topology: `slot * counts.length + subTopology`. */
  readonly held: Int32Array
}

/** Quotas, indexed as `held`. */
export function balance({ processOf, counts, held }: BalanceInput): Int32Array {
  const slots = processOf.length
  const width = counts.length
  const floors = counts.map((count) => Math.floor(count / slots))
  const extras = new Extras(slots, counts)
  for (let slot = 0; slot < slots; slot++) {
    for (let sub = 0; sub < width; sub++) {
      if ((held[slot * width + sub] ?? 0) > (floors[sub] ?? 0)) extras.want(slot, sub)
    }
  }
  extras.limit(processOf)
  extras.grantWanted()
  extras.grantRest()
  return Int32Array.from(
    { length: slots * width },
    (_, i) => (floors[i % width] ?? 0) + extras.granted(i),
  )
}

/** The bipartite graph of slots and sub-topologies: an edge is an extra. */
class Extras {
  readonly #slots: number
  readonly #width: number
  /** Extras of each sub-topology that are not granted yet. */
  readonly #left: Int32Array
  readonly #wanted: Uint8Array
  readonly #wantedBySlot: Int32Array
  readonly #granted: Uint8Array
  /** Extras that each slot may still get. */
  readonly #room: Int32Array
  readonly #lowest: number
  readonly #higherSlots: number

  constructor(slots: number, counts: readonly number[]) {
    this.#slots = slots
    this.#width = counts.length
    this.#left = Int32Array.from(counts, (count) => count % slots)
    this.#wanted = new Uint8Array(slots * counts.length)
    this.#granted = new Uint8Array(slots * counts.length)
    this.#wantedBySlot = new Int32Array(slots)
    const total = this.#left.reduce((sum, count) => sum + count, 0)
    this.#lowest = Math.floor(total / slots)
    this.#higherSlots = total % slots
    this.#room = new Int32Array(slots).fill(this.#lowest)
  }

  /** The slot holds a task more than the floor: an extra there saves a move. */
  want(slot: number, sub: number): void {
    if (this.#left[sub] === 0) return
    this.#wanted[slot * this.#width + sub] = 1
    this.#wantedBySlot[slot] = (this.#wantedBySlot[slot] ?? 0) + 1
  }

  granted(edge: number): number {
    return this.#granted[edge] ?? 0
  }

  /**
   * Decides which slots get one extra more than the others: those that use it, evenly over
   * processes.
   */
  limit(processOf: readonly number[]): void {
    const processes = groupByProcess(processOf)
    const needs = (slot: number) => ((this.#wantedBySlot[slot] ?? 0) > this.#lowest ? 1 : 0)
    const shares = processes.map((members) => (this.#higherSlots * members.length) / this.#slots)
    const higher = shares.map(Math.floor)
    let left = this.#higherSlots - higher.reduce((sum, count) => sum + count, 0)
    const need = processes.map((members) => members.reduce((sum, slot) => sum + needs(slot), 0))
    const unmet = (process: number) => Math.max(0, (need[process] ?? 0) - (higher[process] ?? 0))
    const fraction = (process: number) => (shares[process] ?? 0) - (higher[process] ?? 0)
    const order = processes
      .map((_, process) => process)
      .filter((process) => fraction(process) > 1e-9)
      .sort(
        (a, b) => Math.sign(unmet(b)) - Math.sign(unmet(a)) || fraction(b) - fraction(a) || a - b,
      )
    for (const process of order) {
      if (left === 0) break
      higher[process] = (higher[process] ?? 0) + 1
      left--
    }
    processes.forEach((members, process) => {
      const chosen = members.toSorted((a, b) => needs(b) - needs(a) || a - b)
      for (const slot of chosen.slice(0, higher[process])) {
        this.#room[slot] = this.#lowest + 1
      }
    })
  }

  /** Slots with the fewest wishes come first: the others have more chances elsewhere. */
  grantWanted(): void {
    const order = Array.from({ length: this.#slots }, (_, slot) => slot).sort(
      (a, b) => (this.#wantedBySlot[a] ?? 0) - (this.#wantedBySlot[b] ?? 0) || a - b,
    )
    for (let sub = 0; sub < this.#width; sub++) {
      for (const slot of order) {
        const wanted = this.#wanted[slot * this.#width + sub] === 1
        if (wanted && this.#has(this.#left, sub) && this.#has(this.#room, slot)) {
          this.#grant(slot, sub)
        }
      }
    }
  }

  grantRest(): void {
    for (let sub = 0; sub < this.#width; sub++) {
      while (this.#has(this.#left, sub)) {
        const slot = this.#roomiest((candidate) => !this.#isGranted(candidate, sub))
        if (slot >= 0) this.#grant(slot, sub)
        else this.#exchange(sub)
      }
    }
  }

  /**
   * Every slot with room has an extra of `sub` already. A full slot without one has at least as
   * many extras as a slot with room, hence one that the latter lacks: that one changes places.
   */
  #exchange(sub: number): void {
    const roomy = this.#roomiest(() => true)
    let best = -1
    for (let slot = 0; slot < this.#slots; slot++) {
      if (this.#isGranted(slot, sub)) continue
      for (let other = 0; other < this.#width; other++) {
        if (!this.#isGranted(slot, other) || this.#isGranted(roomy, other)) continue
        const edge = slot * this.#width + other
        if (best < 0 || (this.#wanted[edge] ?? 0) < (this.#wanted[best] ?? 0)) best = edge
      }
      if (best >= 0 && this.#wanted[best] === 0) break
    }
    const [slot, other] = [Math.floor(best / this.#width), best % this.#width]
    this.#withdraw(slot, other)
    this.#grant(roomy, other)
    this.#grant(slot, sub)
  }

  #roomiest(accepts: (slot: number) => boolean): number {
    let best = -1
    for (let slot = 0; slot < this.#slots; slot++) {
      const room = this.#room[slot] ?? 0
      if (room > (best < 0 ? 0 : (this.#room[best] ?? 0)) && accepts(slot)) best = slot
    }
    return best
  }

  #has(counters: Int32Array, index: number): boolean {
    return (counters[index] ?? 0) > 0
  }

  #isGranted(slot: number, sub: number): boolean {
    return this.#granted[slot * this.#width + sub] === 1
  }

  #grant(slot: number, sub: number): void {
    this.#set(slot, sub, 1)
  }

  #withdraw(slot: number, sub: number): void {
    this.#set(slot, sub, 0)
  }

  #set(slot: number, sub: number, granted: 0 | 1): void {
    const change = granted === 1 ? -1 : 1
    this.#granted[slot * this.#width + sub] = granted
    this.#left[sub] = (this.#left[sub] ?? 0) + change
    this.#room[slot] = (this.#room[slot] ?? 0) + change
  }
}

function groupByProcess(processOf: readonly number[]): readonly (readonly number[])[] {
  const processes: number[][] = []
  processOf.forEach((process, slot) => {
    const members = processes[process]
    if (members === undefined) processes[process] = [slot]
    else members.push(slot)
  })
  return processes
}
