/**
 * Tasks whose stores are kept up to date for an owner elsewhere: their changelogs are read for as
 * long as the group wants that. A standby that becomes the owner goes on with the stores it has,
 * and a task that moves away may stay as a standby of its new owner.
 */
import type { Env, Logger } from '../env/port.ts'
import type { Admin, FetchedBatches, Fetcher } from '../kafka/client/port.ts'
import { partitionName, type TaskId } from '../model/ids.ts'
import type { TaskPosition } from '../task/port.ts'
import { closeTask, type OwnedTask } from './owned-tasks.ts'
import { type Changelog, openChangelogs } from './restoration.ts'
import { readStartPositions } from './start-positions.ts'
import type { StandbyView } from './view.ts'

export interface StandbyParts {
  readonly env: Env
  readonly logger: Logger
  readonly admin: Admin
  readonly groupId: string
  readonly fetcher: () => Fetcher
  readonly create: (id: TaskId) => OwnedTask
  readonly acceptableLag: number
  readonly flushIntervalMs: number
  /** The stores of all tasks that are warmed up are level: the group may hand them over. */
  readonly onLevel: () => void
}

/** Bytes taken into stores in one turn of the loop, and how long a flush may take in it. */
const turnBytes = 524_288
const flushSliceMs = 2
const flushChunk = 512
/** Between two looks at what owners have committed, for tables of topics and for windows. */
const followMs = 1000
/** A rebalance asks all members: a member whose stores are level says so no more often. */
const tellLevelMs = 5000

interface Standby {
  readonly owned: OwnedTask
  readonly logs: Map<string, Changelog>
  /** False while its positions are looked up. */
  reading: boolean
  /** When it was last level with its changelogs. */
  levelAtMs: number | undefined
}

export class StandbyTasks {
  readonly #parts: StandbyParts
  readonly #tasks = new Map<TaskId, Standby>()
  /** By partition of a changelog. */
  readonly #readers = new Map<string, Standby>()
  #warming: ReadonlySet<TaskId> = new Set()
  #fetcher: Fetcher | undefined
  #flushDueMs = 0
  #followDueMs = 0
  #toldMs = Number.NEGATIVE_INFINITY
  #closed = false

  constructor(parts: StandbyParts) {
    this.#parts = parts
  }

  get ids(): readonly TaskId[] {
    return Array.from(this.#tasks.keys())
  }

  get all(): readonly OwnedTask[] {
    return Array.from(this.#tasks.values(), ({ owned }) => owned)
  }

  views(): readonly StandbyView[] {
    return Array.from(this.#tasks.values(), (one) => ({
      id: one.owned.id,
      lag: this.#lagOf(one),
      levelAtMs: one.levelAtMs,
      warming: this.#warming.has(one.owned.id),
      stores: one.owned.task.storeStatus(),
    }))
  }

  /** What the group wants from now on; tasks that are not in it are closed. */
  assign(standby: readonly TaskId[], warming: readonly TaskId[]): void {
    const wanted = new Set([...standby, ...warming])
    this.#warming = new Set(warming)
    for (const id of this.ids) if (!wanted.has(id)) this.#drop(id)
    const fresh = Array.from(wanted).filter((id) => !this.#tasks.has(id))
    if (fresh.length === 0) return
    this.#parts.logger.info({ tasks: fresh }, 'keeping stores up to date for other workers')
    this.#begin(fresh.map((id) => this.#add(this.#parts.create(id))))
  }

  /** Goes on with the stores of a task that was suspended here. */
  give(owned: OwnedTask): void {
    this.#begin([this.#add(owned)])
  }

  /** The task with its stores as they are, no longer read for; undefined where it is none here. */
  take(id: TaskId): OwnedTask | undefined {
    const standby = this.#tasks.get(id)
    if (standby === undefined) return undefined
    this.#halt(standby)
    this.#tasks.delete(id)
    return standby.owned
  }

  /** The loop's turn. @returns True while there is more to do at once. */
  turn(): boolean {
    if (this.#tasks.size === 0) return false
    const { env } = this.#parts
    const fetched = this.#fetcher?.poll(turnBytes) ?? []
    for (const one of fetched) this.#restore(one)
    this.#meetProblems()
    const nowMs = env.clock.monotonic()
    this.#lookAtLevels(nowMs)
    if (nowMs >= this.#followDueMs) {
      this.#followDueMs = nowMs + followMs
      void this.#follow()
    }
    return this.#flush(nowMs) || fetched.length > 0
  }

  /** When the stores of a task were level with their changelogs, as far as is known. */
  levelAtMs(id: TaskId): number | undefined {
    return this.#tasks.get(id)?.levelAtMs
  }

  lagOf(id: TaskId): number {
    const standby = this.#tasks.get(id)
    return standby === undefined ? -1 : this.#lagOf(standby)
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const id of this.ids) this.#drop(id)
    await this.#fetcher?.close()
  }

  #drop(id: TaskId): void {
    const owned = this.take(id)
    if (owned !== undefined) closeTask(owned)
  }

  #add(owned: OwnedTask): Standby {
    const standby = { owned, logs: new Map(), reading: false, levelAtMs: undefined }
    this.#tasks.set(owned.id, standby)
    return standby
  }

  #begin(batch: readonly Standby[]): void {
    this.#open(batch).catch((error: unknown) => {
      if (this.#closed) return
      this.#parts.logger.warn({ error: String(error) }, 'standbys could not begin; tried again')
      void this.#parts.env.timers.sleep(followMs).then(() => {
        const left = batch.filter((one) => this.#has(one) && !one.reading)
        if (left.length > 0 && !this.#closed) this.#begin(left)
      })
    })
  }

  async #open(batch: readonly Standby[]): Promise<void> {
    const { admin, env, groupId, logger } = this.#parts
    const tasks = batch.map(({ owned }) => owned)
    const positions = await readStartPositions(tasks, groupId, admin, env)
    const present = batch.filter((one) => this.#has(one)).map(({ owned }) => owned)
    const logs = await openChangelogs(present, positions.of, { admin, logger })
    this.#fetcher ??= this.#parts.fetcher()
    for (const log of logs) {
      const standby = this.#tasks.get(log.owned.id)
      if (standby === undefined || standby.owned !== log.owned) continue
      const name = partitionName(log.need)
      standby.logs.set(name, log)
      this.#readers.set(name, standby)
      this.#fetcher.assign(log.need, log.position)
    }
    for (const one of batch) one.reading = this.#has(one)
  }

  #has(standby: Standby): boolean {
    return this.#tasks.get(standby.owned.id) === standby
  }

  #halt(standby: Standby): void {
    for (const [name, { need }] of standby.logs) {
      this.#readers.delete(name)
      this.#fetcher?.remove(need)
    }
    standby.logs.clear()
    standby.reading = false
  }

  #restore({ batches, nextOffset, ...partition }: FetchedBatches): void {
    const name = partitionName(partition)
    const log = this.#readers.get(name)?.logs.get(name)
    if (log === undefined) return
    log.owned.task.restore(log.need.store, batches, nextOffset)
    log.position = Math.min(nextOffset, log.to ?? nextOffset)
    // A table of a topic follows what its owner has committed: the rest is read again then.
    if (log.position < nextOffset) this.#fetcher?.remove(log.need)
  }

  #lookAtLevels(nowMs: number): void {
    let warm = this.#warming.size > 0
    for (const one of this.#tasks.values()) {
      const lag = this.#lagOf(one)
      if (lag === 0) one.levelAtMs = this.#parts.env.clock.now()
      const unready = lag < 0 || lag > this.#parts.acceptableLag
      if (unready && this.#warming.has(one.owned.id)) warm = false
    }
    if (!warm || nowMs - this.#toldMs < tellLevelMs) return
    this.#toldMs = nowMs
    this.#parts.onLevel()
  }

  /** −1 before the ends are known. */
  #lagOf({ logs, reading }: Standby): number {
    if (!reading) return -1
    let lag = 0
    for (const { need, position, to } of logs.values()) {
      const end = to ?? this.#fetcher?.endOffset(need)
      if (end === undefined) return -1
      lag += Math.max(0, end - position)
    }
    return lag
  }

  async #follow(): Promise<void> {
    const { admin, env, groupId, logger } = this.#parts
    const followers = Array.from(this.#tasks.values()).filter(
      ({ owned, reading }) =>
        reading && owned.subTopology.stores.some((one) => one.window ?? one.sourceTopic),
    )
    if (followers.length === 0) return
    try {
      const tasks = followers.map(({ owned }) => owned)
      const positions = await readStartPositions(tasks, groupId, admin, env)
      for (const one of followers) {
        if (this.#has(one) && one.reading) this.#moveTo(one, positions.of(one.owned))
      }
    } catch (error) {
      logger.debug({ error: String(error) }, 'what owners have committed is not known now')
    }
  }

  #moveTo({ owned, logs }: Standby, positions: readonly TaskPosition[]): void {
    owned.task.follow(positions)
    for (const log of logs.values()) {
      if (log.to === undefined) continue
      const to = positions.find(({ topic }) => topic === log.need.topic)?.offset ?? log.to
      if (to <= log.to) continue
      log.to = to
      this.#fetcher?.assign(log.need, log.position)
    }
  }

  /** Whatever is wrong with a changelog: the task is begun again, with new stores if need be. */
  #meetProblems(): void {
    for (const { problem, ...partition } of this.#fetcher?.problems() ?? []) {
      const standby = this.#readers.get(partitionName(partition))
      if (standby === undefined) continue
      const { id } = standby.owned
      this.#parts.logger.warn({ task: id, problem: problem.kind }, 'a standby is begun again')
      this.#drop(id)
      this.#begin([this.#add(this.#parts.create(id))])
    }
  }

  #flush(nowMs: number): boolean {
    const { env, flushIntervalMs } = this.#parts
    const due = nowMs >= this.#flushDueMs
    if (due) this.#flushDueMs = nowMs + flushIntervalMs
    for (const { owned, reading } of this.#tasks.values()) {
      if (owned.state === undefined || !reading) continue
      if (due) owned.task.wantFlush()
      while (owned.task.writeFlush(flushChunk)) {
        if (env.clock.monotonic() - nowMs >= flushSliceMs) return true
      }
    }
    return false
  }
}
