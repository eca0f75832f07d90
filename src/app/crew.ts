/** The workers of one process: they end together, but for those that are sent away. */
import type { Slot, StopOptions } from './slot.ts'

export class Crew {
  /** Ends when every worker has. Rejects with the first error. */
  readonly done: Promise<void>
  readonly #slots: Slot[] = []
  readonly #settle: { resolve: () => void; reject: (error: Error) => void }
  #running = 0
  #error: Error | undefined

  constructor(slots: readonly Slot[]) {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.done = promise
    this.#settle = { resolve, reject }
    for (const slot of slots) this.add(slot)
  }

  get slots(): readonly Slot[] {
    return this.#slots
  }

  add(slot: Slot): void {
    this.#slots.push(slot)
    this.#running += 1
    slot.done.then(
      () => this.#ended(),
      (error: Error) => {
        this.#error ??= error
        // One that fails takes the others with it: their tasks are the same topology's.
        void this.#stopOthers(slot)
        this.#ended()
      },
    )
  }

  /** Sends the worker that came last away; it commits and leaves the group first. */
  async removeLast(): Promise<void> {
    const slot = this.#slots.pop()
    await slot?.stop({})
    await slot?.done
  }

  async stop(options: StopOptions): Promise<void> {
    await Promise.all(this.#slots.map((slot) => slot.stop(options)))
    await this.done
  }

  async #stopOthers(failed: Slot): Promise<void> {
    const others = this.#slots.filter((slot) => slot !== failed)
    await Promise.allSettled(others.map((slot) => slot.stop({})))
  }

  #ended(): void {
    this.#running -= 1
    if (this.#running > 0) return
    if (this.#error === undefined) this.#settle.resolve()
    else this.#settle.reject(this.#error)
  }
}
