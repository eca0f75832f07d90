/** What may happen to a running word count; see DESIGN § 6 for what has to come of each. */
export const events = ['kill', 'zombie', 'join', 'stop', 'broker'] as const
export type ChaosEvent = (typeof events)[number]

export interface Round {
  readonly event: ChaosEvent
  /** Which of the workers it strikes, as a number in [0, 1). */
  readonly victim: number
  /** How long the load runs undisturbed before it (milliseconds). */
  readonly afterMs: number
  /** How long a killed or stopped process is away (milliseconds). */
  readonly downMs: number
}

/** Rounds in which every event comes about equally often, in an order that the seed decides. */
export function planRounds(seed: number, rounds: number, without: readonly ChaosEvent[] = []) {
  const random = randomNumbers(seed)
  const possible = events.filter((event) => !without.includes(event))
  const plan: Round[] = []
  let bag: ChaosEvent[] = []
  while (plan.length < rounds) {
    if (bag.length === 0) bag = [...possible]
    const [event] = bag.splice(Math.floor(random() * bag.length), 1)
    if (event === undefined) throw new Error('there is no event left to choose from')
    plan.push({
      event,
      victim: random(),
      afterMs: Math.round(300 + random() * 1_200),
      downMs: Math.round(random() * 1_500),
    })
  }
  return plan
}

/** Mulberry32: numbers in [0, 1) that a 32-bit seed decides. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}
