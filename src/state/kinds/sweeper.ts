import { readInt64 } from '../../model/int64.ts'
import { murmur2 } from '../../model/murmur2.ts'
import type { BackendStore } from '../backend-store.ts'
import { behindKey } from '../key-bounds.ts'
import type { StateEntries } from './state-entries.ts'

/** Entries that one slice looks at, in memory and below it: a round takes as many as it needs. */
const entriesMax = 256
const storedMax = 64

/**
 * Removes what has expired though nobody asks for it, a slice at a time, so that no turn of a task
 * waits for it: round after round through the entries in memory, and through the keys of the
 * backend. What may be shown until it is cleaned stays for one more time to live.
 */
export class Sweeper {
  readonly #entries: StateEntries
  readonly #extraMs: number
  #next = 0
  #from: Uint8Array | undefined

  constructor(entries: StateEntries) {
    const { spec } = entries.lifetime
    this.#entries = entries
    this.#extraMs = spec?.show === 'until-cleaned' ? spec.ttlMs : 0
  }

  sweep(): void {
    const { buffer } = this.#entries
    const { entriesEnd } = buffer.table
    for (let left = Math.min(entriesMax, entriesEnd); left > 0; left -= 1) {
      if (this.#next >= entriesEnd) this.#next = 0
      const entry = this.#next
      this.#next += 1
      const start = buffer.keyStart(entry)
      const end = buffer.keyEnd(entry)
      if (end >= start && this.#isOver(buffer.timeOf(entry))) {
        this.#remove(buffer.keyBytes(entry), start, end)
      }
    }
    if (buffer.below !== undefined) this.#sweepStored(buffer.below)
  }

  #sweepStored(below: BackendStore): void {
    const from = this.#from
    const range = { ...(from === undefined ? {} : { from }), limit: storedMax }
    const over: Uint8Array[] = []
    let count = 0
    let last: Uint8Array | undefined
    for (const [key, stored] of below.range(range)) {
      count += 1
      last = key
      if (this.#isOver(readInt64(stored, 0))) over.push(key.slice())
    }
    this.#from = count < storedMax || last === undefined ? undefined : behindKey(last)
    for (const key of over) this.#remove(key, 0, key.length)
  }

  /** The entry as it is now: what the backend has may be older. */
  #remove(bytes: Uint8Array, start: number, end: number): void {
    const { buffer } = this.#entries
    const entry = buffer.find(bytes, start, end, murmur2(bytes, start, end))
    if (entry >= 0 && this.#isOver(buffer.timeOf(entry))) this.#entries.remove(entry)
  }

  #isOver(timeMs: number): boolean {
    return timeMs >= 0 && this.#entries.lifetime.isOver(timeMs + this.#extraMs)
  }
}
