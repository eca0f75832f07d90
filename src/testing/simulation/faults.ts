/**
 * Draws what goes wrong, and keeps the list. Draws do not depend on whether a fault is carried
 * out, so leaving single ones out (`without`) keeps the others where they are as long as the run
 * goes the same way.
 */
import type { Fault, FaultKind } from './fault-kinds.ts'
import { faultKinds } from './fault-kinds.ts'
import type { Scheduler } from './scheduler.ts'

export interface FaultsOptions {
  /** Those that may happen at all. */
  readonly kinds: readonly FaultKind[]
  /** Numbers of faults that are left out. */
  readonly without: ReadonlySet<number>
}

/** A kind that is drawn for a run happens once in so many chances, at most and at least. */
const rarest = 1500
const mostFrequent = 60
/** Where troubles come together, one more is so much likelier for so long after each. */
const togetherTimes = 8
const togetherMs = 2_000

export class Faults {
  readonly happened: Fault[] = []
  readonly #scheduler: Scheduler
  readonly #without: ReadonlySet<number>
  readonly #chances = new Map<FaultKind, number>()
  readonly #random: () => number
  /** Whether troubles of one process come together; when its last one was. */
  readonly #together: boolean
  readonly #lastMs = new Map<string, number>()
  #drawn = 0
  #active = false

  constructor(scheduler: Scheduler, { kinds, without }: FaultsOptions) {
    this.#scheduler = scheduler
    this.#without = without
    this.#random = scheduler.random('faults')
    const swarm = scheduler.random('swarm')
    this.#together = swarm() < 0.5
    for (const kind of faultKinds) {
      // Runs in which few kinds happen, but often, reach other states than runs with all of them.
      const taken = swarm() < 0.45
      const chance = 1 / (mostFrequent + swarm() * swarm() * (rarest - mostFrequent))
      if (taken && kinds.includes(kind)) this.#chances.set(kind, chance)
    }
  }

  /** Kinds of this run. */
  get kinds(): readonly FaultKind[] {
    return [...this.#chances.keys()]
  }

  start(): void {
    this.#active = true
  }

  /** From now on nothing goes wrong any more. */
  stop(): void {
    this.#active = false
  }

  get active(): boolean {
    return this.#active
  }

  /** One chance for a kind to happen. @param weight Times the kind's own chance. */
  strikes(kind: FaultKind, who: string, what: string, weight = 1): boolean {
    const chance = this.#chances.get(kind)
    if (chance === undefined || !this.#active) return false
    const times = this.#together && this.#isInTrouble(who) ? togetherTimes : 1
    return this.#random() < chance * weight * times && this.#happens(kind, who, what)
  }

  /** A fault that the script of the run asks for. */
  asked(kind: FaultKind, who: string, what: string): boolean {
    return this.#active && this.#happens(kind, who, what)
  }

  #isInTrouble(who: string): boolean {
    const lastMs = this.#lastMs.get(who) ?? Number.NEGATIVE_INFINITY
    return this.#scheduler.nowMs - lastMs < togetherMs
  }

  #happens(kind: FaultKind, who: string, what: string): boolean {
    const number = this.#drawn++
    const atMs = this.#scheduler.nowMs
    this.#lastMs.set(who, atMs)
    if (this.#without.has(number)) return false
    this.happened.push({ number, kind, atMs, who, what })
    this.#scheduler.trace.add(atMs, who, `fault ${number} ${kind} ${what}`)
    return true
  }
}
