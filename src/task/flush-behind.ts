import { isStreamError } from '../model/errors.ts'
import type { PersistentBackend } from '../state/backend.ts'
import type { EpochBuffer } from '../state/epoch-buffer.ts'
import type { StoreBatch } from '../state/store-batch.ts'

interface Taken {
  readonly buffer: EpochBuffer
  readonly batch: StoreBatch
}

/** Keys that are deleted with one call. */
const dropMax = 4_096

/**
 * Brings what has committed from the stores of a task to their backend: taken at once, between a
 * commit and the next cut, and written in slices while the task goes on.
 */
export class FlushBehind {
  readonly #backend: PersistentBackend
  readonly #buffers: readonly EpochBuffer[]
  #taken: readonly Taken[] = []
  /** Batches of `#taken` that are written whole, and changes of the next one. */
  #batches = 0
  #changes = 0
  /** The next one's keys that go whatever they are have gone. */
  #dropped = false
  #wanted = false

  constructor(backend: PersistentBackend, buffers: readonly EpochBuffer[]) {
    this.#backend = backend
    this.#buffers = buffers
  }

  /** True while a flush is not written whole. */
  get busy(): boolean {
    return this.#taken.length > 0
  }

  /** A flush begins at the next `settled`. */
  want(): void {
    this.#wanted = true
  }

  /** No epoch of the task waits for its commit now. */
  settled(): void {
    if (!this.#wanted || this.busy) return
    this.#wanted = false
    this.#take()
  }

  /** Writes up to so many changes; the last slice makes the flush durable. */
  write(changesMax: number): void {
    let left = changesMax
    for (let next = this.#taken[this.#batches]; next !== undefined && left > 0; ) {
      const { batch } = next
      left = this.#drop(batch, left)
      if (!this.#dropped) return
      const to = Math.min(batch.count, this.#changes + left)
      this.#backend.apply(batch, this.#changes, to)
      // A batch without changes has an offset to write: it is a turn too.
      left -= Math.max(1, to - this.#changes)
      this.#changes = to
      if (to < batch.count) return
      this.#changes = 0
      this.#dropped = false
      this.#batches += 1
      next = this.#taken[this.#batches]
    }
    if (this.busy && this.#batches === this.#taken.length) this.#finish()
  }

  /** Everything that has committed, to the end. No epoch may wait for its commit. */
  all(): void {
    this.write(Number.POSITIVE_INFINITY)
    this.#take()
    this.write(Number.POSITIVE_INFINITY)
  }

  /** As `all`, where the task ends: what the backend refuses now is in the changelog. */
  last(): void {
    try {
      this.all()
    } catch (error) {
      if (!isStreamError(error)) throw error
    }
  }

  #take(): void {
    this.#taken = this.#buffers.flatMap((buffer) => {
      const batch = buffer.takeUnflushed()
      if (batch === undefined) return []
      batch.sort()
      return [{ buffer, batch }]
    })
    this.#batches = 0
    this.#changes = 0
    if (this.busy) this.#backend.begin()
  }

  /** @returns What is left to change in this turn. */
  #drop({ store, dropBefore }: StoreBatch, changesMax: number): number {
    let left = changesMax
    while (!this.#dropped && left > 0) {
      const keysMax = Math.min(left, dropMax)
      const went = dropBefore === undefined ? 0 : this.#backend.drop(store, dropBefore, keysMax)
      left -= went
      this.#dropped = went < keysMax
    }
    return left
  }

  #finish(): void {
    this.#backend.commit()
    for (const { buffer } of this.#taken) buffer.flushed()
    this.#taken = []
  }
}
