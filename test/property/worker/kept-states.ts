/** The state directories of the processes of a virtual cluster: what is in them survives a kill. */
import type { TaskId } from '../../../src/model/ids.ts'
import type { TaskState, TaskStates } from '../../../src/worker/task-directories.ts'
import { MapBackend } from '../../support/map-backend.ts'

export class KeptStates implements TaskStates {
  readonly #backends = new Map<TaskId, MapBackend>()
  readonly #positions = new Map<TaskId, number>()
  readonly #marks = new Map<string, string>()

  open(task: TaskId): TaskState {
    const backend = this.#backends.get(task)?.durable ?? new MapBackend()
    this.#backends.set(task, backend)
    this.#positions.delete(task)
    return {
      backend,
      changelogMark: (store) => this.#marks.get(`${task} ${store}`),
      notePosition: (offsetSum) => this.#positions.set(task, offsetSum),
      noteChangelog: (store, mark) => this.#marks.set(`${task} ${store}`, mark),
    }
  }

  stored() {
    return Array.from(this.#positions, ([task, offsetSum]) => ({ task, offsetSum }))
  }

  tend(): void {}

  settled(): Promise<void> {
    return Promise.resolve()
  }

  /** Stores with something in them. */
  get stores(): number {
    return [...this.#backends.values()].filter((one) => one.offset('counts') !== undefined).length
  }
}
