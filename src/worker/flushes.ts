/** When the stores of tasks go to their files, and in which slices: never in a commit's way. */
import type { Clock } from '../env/port.ts'
import type { OwnedTask, OwnedTasks } from './owned-tasks.ts'

/** Of one turn of the loop. */
const sliceMs = 2
/** Changes between two looks at the clock. */
const chunk = 512

export class Flushes {
  readonly #clock: Clock
  readonly #tasks: OwnedTasks
  readonly #intervalMs: number
  readonly #dueMs = new WeakMap<OwnedTask, number>()

  constructor(clock: Clock, tasks: OwnedTasks, intervalMs: number) {
    this.#clock = clock
    this.#tasks = tasks
    this.#intervalMs = intervalMs
  }

  /** @returns True while there is more to write. */
  turn(): boolean {
    const nowMs = this.#clock.monotonic()
    let busy = false
    for (const owned of this.#tasks.running) {
      if (owned.state === undefined) continue
      this.#look(owned, nowMs)
      while (owned.task.writeFlush(chunk)) {
        busy = this.#clock.monotonic() - nowMs >= sliceMs
        if (busy) return true
      }
    }
    return busy
  }

  #look(owned: OwnedTask, nowMs: number): void {
    const dueMs = this.#dueMs.get(owned)
    if (dueMs !== undefined && nowMs < dueMs) return
    if (dueMs !== undefined) owned.task.wantFlush()
    // Tasks that start together do not flush together.
    const share = dueMs === undefined ? this.#tasks.running.indexOf(owned) + 1 : 1
    const of = dueMs === undefined ? this.#tasks.running.length : 1
    this.#dueMs.set(owned, nowMs + (this.#intervalMs * share) / of)
  }
}
