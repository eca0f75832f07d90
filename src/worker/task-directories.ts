/**
 * Where tasks keep their stores: `<application directory>/worker-<slot>/<task>/`. Stores are copies
 * of their changelogs, so whatever is in doubt is thrown away and read again. A directory's file
 * `seen` says in whose hands it is (the start of the machine while it is open, `synced` when all is
 * on the disk), and its time is when that was last known.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { utimesSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Clock, Logger, Timers } from '../env/port.ts'
import { type TaskId, taskId } from '../model/ids.ts'
import type { PersistentBackend } from '../state/backend.ts'

/** Of one task that is here. */
export interface TaskState {
  readonly backend: PersistentBackend
  /** Which topic a store was read from, as it was noted; undefined where that is not known. */
  changelogMark(store: string): string | undefined
  /** Notes it, before anything of that topic is in the store. */
  noteChangelog(store: string, mark: string): void
  /** Notes how far all stores are as they are closed: the sum of their changelog offsets. */
  notePosition(offsetSum: number): void
}

/** What a worker asks of the place where its tasks keep their stores. */
export interface TaskStates {
  /** @param task `global`: the worker's global tables. */
  open(task: TaskId | 'global'): TaskState
  /** Tasks that are not open here and left files, with the position that was noted. */
  stored(): readonly { readonly task: TaskId; readonly offsetSum: number }[]
  /** Now and then: marks what is open as seen, and deletes what nobody has had for long. */
  tend(): void
  /** Resolves when everything that was closed is on the disk. */
  settled(): Promise<void>
}

export interface TaskDirectoriesParts {
  /** Of the application; this process has its lock. */
  readonly directory: string
  readonly slot: number
  /** Slots of this process: directories of higher ones are left over. */
  readonly slots: number
  readonly bootId: string
  readonly clock: Clock
  readonly logger: Logger
  readonly cleanupDelayMs: number
  readonly maxAgeMs: number
  readonly openBackend: (
    directory: string,
    onUnreadable: (store: string, error: Error) => void,
    onClosed: () => void,
  ) => PersistentBackend
}

/** Number of the layout of a directory, first in its `seen`. */
const layout = '2'
const synced = 'synced'
/** Removed while the stores are open: a crash leaves none. */
const positionFile = 'position'
/** Workers that came while the process ran mark what they have open each minute. */
const othersMs = 180_000

export class TaskDirectories implements TaskStates {
  readonly #parts: TaskDirectoriesParts
  readonly #own: string
  readonly #sinceMs: number
  readonly #held = new Set<string>()
  #syncing: Promise<void> = Promise.resolve()

  constructor(parts: TaskDirectoriesParts) {
    this.#parts = parts
    this.#own = join(parts.directory, `worker-${parts.slot}`)
    this.#sinceMs = parts.clock.now()
  }

  open(task: TaskId | 'global'): TaskState {
    const { logger, openBackend } = this.#parts
    const directory = join(this.#own, task)
    const doubt = this.#doubt(directory)
    if (doubt !== undefined) {
      logger.warn({ task, directory, reason: doubt }, 'stores are read from their changelogs again')
      remove(directory)
    }
    mkdirSync(directory, { recursive: true })
    this.#held.add(directory)
    this.#note(directory, this.#parts.bootId)
    rmSync(join(directory, positionFile), { force: true })
    const onUnreadable = (store: string, error: Error) => {
      const reason = error.message
      logger.warn({ task, store, directory, reason }, 'a store is read from its changelog again')
    }
    const backend = openBackend(directory, onUnreadable, () => this.#closed(directory))
    return {
      backend,
      changelogMark: (store) => readText(join(directory, `${store}.changelog`)),
      noteChangelog: (store, mark) => {
        writeFileSync(join(directory, `${store}.changelog`), mark)
      },
      notePosition: (offsetSum) => writeFileSync(join(directory, positionFile), String(offsetSum)),
    }
  }

  stored(): readonly { readonly task: TaskId; readonly offsetSum: number }[] {
    return namesIn(this.#own).flatMap((name) => {
      const directory = join(this.#own, name)
      const [, sub, partition] = /^(\d+)_(\d+)$/.exec(name) ?? []
      const offsetSum = Number(readText(join(directory, positionFile)) ?? 0)
      const usable = !this.#held.has(directory) && this.#doubt(directory) === undefined
      if (sub === undefined || !usable || !(offsetSum > 0)) return []
      return [{ task: taskId(Number(sub), Number(partition)), offsetSum }]
    })
  }

  tend(): void {
    const seconds = this.#parts.clock.now() / 1000
    for (const directory of this.#held) utimesSync(seenIn(directory), seconds, seconds)
    for (const directory of this.#leftOver()) {
      const age = this.#parts.clock.now() - Math.max(this.#sinceMs, seenMs(directory))
      const others = dirname(directory) !== this.#own
      if (age < Math.max(this.#parts.cleanupDelayMs, others ? othersMs : 0)) continue
      this.#parts.logger.info({ directory }, 'files of a task that is not here are deleted')
      remove(directory)
    }
  }

  settled(): Promise<void> {
    return this.#syncing
  }

  #leftOver(): readonly string[] {
    const { directory, slot, slots } = this.#parts
    const mine = namesIn(directory).filter((name) => {
      const number = Number(/^worker-(\d+)$/.exec(name)?.[1] ?? Number.NaN)
      return number === slot || (slot === 0 && number >= slots)
    })
    return mine
      .flatMap((name) => namesIn(join(directory, name)).map((task) => join(directory, name, task)))
      .filter((path) => !this.#held.has(path))
  }

  /** Why a directory's files must not be used; undefined: they may, or there are none. */
  #doubt(directory: string): string | undefined {
    if (!existsSync(directory)) return undefined
    const [found, state] = (readText(seenIn(directory)) ?? '').split(' ')
    if (found !== layout) return 'the directory is of another version'
    if (state !== synced && state !== this.#parts.bootId) {
      return 'the machine went down while they were open'
    }
    const age = this.#parts.clock.now() - seenMs(directory)
    return age > this.#parts.maxAgeMs
      ? 'nobody had them open for longer than stateMaxAge'
      : undefined
  }

  #note(directory: string, state: string): void {
    writeFileSync(seenIn(directory), `${layout} ${state}`)
  }

  #closed(directory: string): void {
    this.#held.delete(directory)
    this.#syncing = this.#syncing.then(() => this.#sync(directory))
  }

  /** Until then a machine that goes down costs the stores of the task, nothing else. */
  async #sync(directory: string): Promise<void> {
    try {
      for (const name of namesIn(directory)) {
        const file = await open(join(directory, name), 'r+')
        try {
          await file.sync()
        } finally {
          await file.close()
        }
      }
      if (!this.#held.has(directory)) this.#note(directory, synced)
    } catch (error) {
      this.#parts.logger.warn({ directory, error: String(error) }, 'files could not be synced')
    }
  }
}

function seenIn(directory: string): string {
  return join(directory, 'seen')
}

function seenMs(directory: string): number {
  return statSync(seenIn(directory), { throwIfNoEntry: false })?.mtimeMs ?? 0
}

function namesIn(directory: string): readonly string[] {
  return existsSync(directory) ? readdirSync(directory) : []
}

function readText(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined
}

function remove(directory: string): void {
  rmSync(directory, { recursive: true, force: true })
}

/** Until the worker ends. A minute is short beside the times after which files are too old. */
export async function tend(
  { states, env, settings }: TendedParts,
  signal: AbortSignal,
): Promise<void> {
  if (states === undefined) return
  const everyMs = Math.min(60_000, settings.stateCleanupDelay)
  while (!signal.aborted) {
    await env.timers.sleep(everyMs, signal)
    if (!signal.aborted) states.tend()
  }
}

interface TendedParts {
  readonly states?: TaskStates | undefined
  readonly env: { readonly timers: Timers }
  readonly settings: { readonly stateCleanupDelay: number }
}
