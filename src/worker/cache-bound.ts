/** Keeps what stores have in memory below `stateCacheBytes`, shared out by use. */
import type { Settings } from '../config/option-table.ts'
import type { Clock } from '../env/port.ts'
import type { OwnedTask, OwnedTasks } from './owned-tasks.ts'
import type { StandbyTasks } from './standby-tasks.ts'

const lookMs = 200
/** Down to this part of the limit, so that it is not met again at once. */
const aim = 0.9

export class CacheBound {
  readonly #clock: Clock
  readonly #tasks: OwnedTasks
  readonly #standbys: StandbyTasks
  readonly #bytesMax: number
  #dueMs = 0

  constructor(clock: Clock, tasks: OwnedTasks, standbys: StandbyTasks, bytesMax: number) {
    this.#clock = clock
    this.#tasks = tasks
    this.#standbys = standbys
    this.#bytesMax = bytesMax
  }

  /** The loop's turn. Every task lets go of the same share: who uses more gives more. */
  turn(): void {
    const nowMs = this.#clock.monotonic()
    if (nowMs < this.#dueMs) return
    this.#dueMs = nowMs + lookMs
    const all = [...this.#tasks.running, ...this.#standbys.all]
    const bytes = all.reduce((sum, { task }) => sum + task.cachedBytes, 0)
    if (bytes <= this.#bytesMax) return
    const share = 1 - (aim * this.#bytesMax) / bytes
    for (const owned of all) letGo(owned, share)
  }
}

/** What is not in the files yet cannot go: it is on its way there then. */
function letGo({ task, state }: OwnedTask, share: number): void {
  if (state === undefined || task.cachedBytes === 0) return
  task.wantFlush()
  task.evict(share)
}

/** Of one worker. */
export function cacheShare({ stateCacheBytes, threads }: Settings): number {
  return stateCacheBytes / threads
}
