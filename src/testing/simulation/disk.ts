/**
 * The state directory of a process on a disk that may lose what was not yet synced. Stores are as
 * the port wants them; what a crash leaves is one of the states that were once complete.
 */
import type { TaskId } from '../../model/ids.ts'
import type { KeyRange, PersistentBackend } from '../../state/backend.ts'
import { compareBytes } from '../../state/byte-slabs.ts'
import type { StoreBatch } from '../../state/store-batch.ts'
import type { TaskStates } from '../../worker/task-directories.ts'

interface StoredEntries {
  /** By the key's bytes, one character a byte. */
  readonly values: ReadonlyMap<string, Uint8Array>
  readonly nextOffset: number | undefined
}

type Snapshot = ReadonlyMap<string, StoredEntries>
type Entry = readonly [key: Uint8Array, value: Uint8Array]

/** A store as a flush left it. */
export interface Flush {
  readonly nextOffset: number
  readonly entries: readonly Entry[]
}

/** How many complete states back a machine that goes down may fall. */
const unsyncedMax = 3

/** The files of one task. */
export class TaskFiles {
  /** Complete states, the last one last: each before it is one that a lost sync leaves. */
  #states: Snapshot[] = [new Map()]
  /** Flushes that nobody has looked at yet, by store. */
  readonly #flushes = new Map<string, StoredEntries[]>()

  get last(): Snapshot {
    return this.#states.at(-1) ?? new Map()
  }

  put(snapshot: Snapshot): void {
    for (const [store, stored] of snapshot) {
      if (stored !== this.last.get(store)) this.#flushesOf(store).push(stored)
    }
    this.#states.push(snapshot)
    if (this.#states.length > unsyncedMax) this.#states.shift()
  }

  /** Deleting a store is synced at once: what was before is not to come back. */
  forget(store: string): void {
    const left = new Map(this.last)
    left.delete(store)
    this.#states = [left]
  }

  loseUnsynced(back: number): void {
    this.#states = this.#states.slice(0, Math.max(1, this.#states.length - back))
  }

  /** All of a store, by unsigned key bytes. */
  entries(store: string): readonly Entry[] {
    return entriesOf(this.last.get(store)?.values ?? new Map())
  }

  /** What was flushed since the last look, up to the first offset that is not ready. */
  takeFlushes(store: string, ready: (offset: number) => boolean): readonly Flush[] {
    const waiting = this.#flushesOf(store)
    const at = waiting.findIndex(({ nextOffset }) => !ready(nextOffset ?? 0))
    return waiting.splice(0, at < 0 ? waiting.length : at).map(({ values, nextOffset }) => ({
      nextOffset: nextOffset ?? 0,
      entries: entriesOf(values),
    }))
  }

  #flushesOf(store: string): StoredEntries[] {
    const known = this.#flushes.get(store) ?? []
    this.#flushes.set(store, known)
    return known
  }
}

function entriesOf(values: StoredEntries['values']): readonly Entry[] {
  return Array.from(values, ([key, value]): Entry => [latin(key), value.slice()]).toSorted(
    ([left], [right]) => compareBytes(left, right),
  )
}

/** What one start of a process has of them: a change that is open dies with it. */
class OpenFiles implements PersistentBackend {
  readonly #files: TaskFiles
  readonly #isAlive: () => boolean
  #open: Snapshot | undefined

  constructor(files: TaskFiles, isAlive: () => boolean) {
    this.#files = files
    this.#isAlive = isAlive
  }

  get(store: string, bytes: Uint8Array, start: number, end: number): Uint8Array | undefined {
    const key = text(bytes, start, end)
    return this.#files.last.get(store)?.values.get(key)?.slice()
  }

  range(store: string, { from, to, reverse, limit }: KeyRange) {
    const found = this.#files
      .entries(store)
      .filter(([key]) => from === undefined || compareBytes(key, from) >= 0)
      .filter(([key]) => to === undefined || compareBytes(key, to) < 0)
    if (reverse === true) found.reverse()
    return found.slice(0, limit ?? found.length)
  }

  apply(batch: StoreBatch, from = 0, to = batch.count): void {
    const before = this.#open ?? this.#files.last
    const store = before.get(batch.store)
    const values = new Map(store?.values)
    for (let at = from; at < to; at += 1) {
      const key = text(batch.bytes, batch.keyStarts[at] ?? 0, batch.keyEnds[at] ?? 0)
      const start = batch.valueStarts[at] ?? -1
      if (start < 0) values.delete(key)
      else values.set(key, batch.bytes.slice(start, batch.valueEnds[at] ?? 0))
    }
    const nextOffset = batch.nextOffset ?? store?.nextOffset
    this.#take(new Map(before).set(batch.store, { values, nextOffset }))
  }

  drop(name: string, before: Uint8Array, keysMax: number): number {
    const files = this.#open ?? this.#files.last
    const store = files.get(name)
    const keys = Array.from(store?.values.keys() ?? [], (key) => [key, latin(key)] as const)
    const gone = keys
      .filter(([, bytes]) => compareBytes(bytes, before) < 0)
      .toSorted(([, left], [, right]) => compareBytes(left, right))
      .slice(0, keysMax)
    if (store === undefined || gone.length === 0) return 0
    const values = new Map(store.values)
    for (const [key] of gone) values.delete(key)
    this.#take(new Map(files).set(name, { ...store, values }))
    return gone.length
  }

  begin(): void {
    this.#open = this.#files.last
  }

  commit(): void {
    const done = this.#open
    this.#open = undefined
    if (done !== undefined) this.#put(done)
  }

  clear(store: string): void {
    if (!this.#isAlive()) return
    this.#files.forget(store)
    if (this.#open === undefined) return
    const open = new Map(this.#open)
    open.delete(store)
    this.#open = open
  }

  offset(store: string): number | undefined {
    return this.#files.last.get(store)?.nextOffset
  }

  close(): void {
    this.#open = undefined
  }

  #take(changed: Snapshot): void {
    if (this.#open === undefined) this.#put(changed)
    else this.#open = changed
  }

  #put(snapshot: Snapshot): void {
    if (this.#isAlive()) this.#files.put(snapshot)
  }
}

export class SimulatedDisk {
  readonly #tasks = new Map<TaskId | 'global', TaskFiles>()
  readonly #marks = new Map<string, string>()
  /** Of tasks that were closed. */
  readonly #positions = new Map<TaskId, number>()

  /** As one start of a process sees it. */
  mount(isAlive: () => boolean): TaskStates {
    return {
      open: (task) => {
        const files = this.#tasks.get(task) ?? new TaskFiles()
        this.#tasks.set(task, files)
        if (isAlive() && task !== 'global') this.#positions.delete(task)
        return {
          backend: new OpenFiles(files, isAlive),
          changelogMark: (store) => this.#marks.get(`${task} ${store}`),
          noteChangelog: (store, mark) => {
            if (isAlive()) this.#marks.set(`${task} ${store}`, mark)
          },
          notePosition: (offsetSum) => {
            if (isAlive() && task !== 'global') this.#positions.set(task, offsetSum)
          },
        }
      },
      stored: () => Array.from(this.#positions, ([task, offsetSum]) => ({ task, offsetSum })),
      tend: () => undefined,
      settled: () => Promise.resolve(),
    }
  }

  get tasks(): ReadonlyMap<TaskId | 'global', TaskFiles> {
    return this.#tasks
  }

  loseUnsynced(back: number): void {
    for (const files of this.#tasks.values()) files.loseUnsynced(back)
    this.#positions.clear()
  }

  /** The directory is gone. */
  wipe(): void {
    this.#tasks.clear()
    this.#marks.clear()
    this.#positions.clear()
  }
}

function text(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1')
}

function latin(key: string): Uint8Array {
  return Buffer.from(key, 'latin1')
}
