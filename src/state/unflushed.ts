import { EntrySet } from './entry-set.ts'

/** Entries of a store whose last committed change is not in its backend yet. */
export class Unflushed {
  #changed = new EntrySet()
  #flushing = new EntrySet()
  #underWay = false

  /** A flush has begun and is not done. */
  get underWay(): boolean {
    return this.#underWay
  }

  get isEmpty(): boolean {
    return this.#changed.next(0) < 0
  }

  /** Makes room for entries below `capacity`. */
  grow(capacity: number): void {
    this.#changed.grow(capacity)
    this.#flushing.grow(capacity)
  }

  add(entry: number): void {
    this.#changed.add(entry)
  }

  has(entry: number): boolean {
    return this.#changed.has(entry) || this.#flushing.has(entry)
  }

  /** An entry goes, and what the backend has of it goes on its own. */
  forget(entry: number): void {
    this.#changed.delete(entry)
    this.#flushing.delete(entry)
  }

  /** Begins a flush of what there is now. */
  take(): EntrySet {
    const taken = this.#changed
    this.#changed = this.#flushing
    this.#flushing = taken
    this.#underWay = true
    return taken
  }

  /** The flush is done; `each` is called with its entries. */
  done(each: (entry: number) => void): void {
    const done: number[] = []
    const set = this.#flushing
    for (let entry = set.next(0); entry >= 0; entry = set.next(entry + 1)) done.push(entry)
    set.clear()
    this.#underWay = false
    for (const entry of done) each(entry)
  }
}
