/**
 * Virtual time for a whole cluster: everything that completes is an event at a time, events of the
 * same time are ordered by the seed, and one runs after the other, each with all that promises lead
 * it to. Nothing else makes anything happen, so a run is a function of its seed.
 */
import { seededRandom } from '../../env/random.ts'
import { Trace } from './trace.ts'

/** Who the event is of, and what: what a trace shows. */
export interface EventLabel {
  readonly who: string
  readonly what: string
}

interface ScheduledEvent {
  readonly atMs: number
  /** Drawn: the order among events of one moment. */
  readonly lot: number
  readonly label: EventLabel
  run: (() => void) | undefined
}

export class Scheduler {
  readonly trace = new Trace()
  readonly seed: number
  readonly #lots: () => number
  readonly #heap: ScheduledEvent[] = []
  #nowMs = 0
  #events = 0

  constructor(seed: number) {
    this.seed = seed
    this.#lots = seededRandom(seed, 'order')
  }

  /** Since the beginning of the run. */
  get nowMs(): number {
    return this.#nowMs
  }

  /** How many events have run. */
  get events(): number {
    return this.#events
  }

  random(stream: string): () => number {
    return seededRandom(this.seed, stream)
  }

  /** @returns Takes the event away again. */
  after(delayMs: number, label: EventLabel, run: () => void): () => void {
    const atMs = this.#nowMs + Math.max(0, delayMs)
    const event: ScheduledEvent = { atMs, lot: this.#lots(), label, run }
    push(this.#heap, event)
    return () => {
      event.run = undefined
    }
  }

  /**
   * Runs one event after the other until `done` says so.
   * @returns False when the time is over, or nothing is left to happen.
   */
  async until(done: () => boolean, limitMs: number): Promise<boolean> {
    const endMs = this.#nowMs + limitMs
    await drained()
    while (!done()) {
      const next = this.#next()
      if (next === undefined) return false
      if (next.atMs > endMs) {
        this.#nowMs = endMs
        return false
      }
      pop(this.#heap)
      await this.#happen(next)
    }
    return true
  }

  async advance(ms: number): Promise<void> {
    await this.until(() => false, ms)
  }

  /** Lets events happen until the promise is settled. @throws Error after `limitMs`. */
  async settle<Value>(promise: Promise<Value>, limitMs: number): Promise<Value> {
    const state = { settled: false }
    const settled = () => {
      state.settled = true
    }
    promise.then(settled, settled)
    if (await this.until(() => state.settled, limitMs)) return promise
    throw new Error(`something is still pending after ${limitMs} ms`)
  }

  #next(): ScheduledEvent | undefined {
    for (let first = this.#heap[0]; first !== undefined; first = this.#heap[0]) {
      if (first.run !== undefined) return first
      pop(this.#heap)
    }
    return undefined
  }

  async #happen({ atMs, label, run }: ScheduledEvent): Promise<void> {
    this.#nowMs = Math.max(this.#nowMs, atMs)
    this.#events++
    this.trace.add(this.#nowMs, label.who, label.what)
    run?.()
    await drained()
  }
}

/** Resolves when chains of promises have run to their end: no time passes. */
function drained(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}

function isBefore(left: ScheduledEvent, right: ScheduledEvent): boolean {
  return left.atMs < right.atMs || (left.atMs === right.atMs && left.lot < right.lot)
}

function push(heap: ScheduledEvent[], event: ScheduledEvent): void {
  let at = heap.length
  heap.push(event)
  while (at > 0) {
    const above = (at - 1) >> 1
    const parent = heap[above]
    if (parent === undefined || !isBefore(event, parent)) break
    heap[at] = parent
    at = above
  }
  heap[at] = event
}

function pop(heap: ScheduledEvent[]): void {
  const last = heap.pop()
  if (last === undefined || heap.length === 0) return
  let at = 0
  for (;;) {
    const left = 2 * at + 1
    const right = left + 1
    let least = left
    const [leftEvent, rightEvent] = [heap[left], heap[right]]
    if (leftEvent === undefined) break
    if (rightEvent !== undefined && isBefore(rightEvent, leftEvent)) least = right
    const below = heap[least]
    if (below === undefined || !isBefore(below, last)) break
    heap[at] = below
    at = least
  }
  heap[at] = last
}
