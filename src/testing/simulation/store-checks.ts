/** Stores are their changelogs: on disks, in running tasks and in standbys, at every moment. */
import { type TaskId, taskParts } from '../../model/ids.ts'
import type { Plan } from '../../plan/plan.ts'
import { sliceBytes } from '../../state/backend-store.ts'
import type { StoreSpec } from '../../state/spec.ts'
import { timeBytes } from '../../state/store-batch.ts'
import type { StoreQuestion, StoreRow } from '../../state/store-read.ts'
import type { StoreStatus, StoreView } from '../../state/store-view.ts'
import { type Changelog, type Changelogs, hex } from './changelogs.ts'
import type { Finding } from './checks.ts'
import type { SimulatedWorker } from './simulated-worker.ts'

export class StoreChecks {
  readonly #plan: Plan
  readonly #changelogs: Changelogs

  constructor(plan: Plan, changelogs: Changelogs) {
    this.#plan = plan
    this.#changelogs = changelogs
  }

  /** Each flush since the last look: a local store is its changelog up to the offset beside it. */
  disk({ name, disk }: SimulatedWorker): readonly Finding[] {
    return Array.from(disk.tasks).flatMap(([task, files]) => {
      // Global tables have many topic partitions to one store, and positions of their own.
      if (task === 'global') return []
      return this.#storesOf(task).flatMap((store) => {
        const changelog = this.#changelogs.of(store, taskParts(task).partition)
        if (changelog === undefined) return []
        // Its markers may still be on their way.
        const ready = (offset: number) => changelog.isSettled(offset)
        return files.takeFlushes(store.name, ready).flatMap(({ nextOffset, entries }) => {
          const rows = entries.map(([key, value]) => {
            return { key: keyIn(store, key), value: value.subarray(timeBytes) }
          })
          const problem = rowsProblem(store, rows, changelog, nextOffset)
          if (problem === undefined) return []
          const message = `store ${store.name} of task ${task} on the disk of ${name} ${problem}`
          return [{ check: 'store-is-changelog', message }]
        })
      })
    })
  }

  /**
   * What a worker would answer to a query of committed state: what its changelog says at the offset
   * that the store stands at. So nothing that has not committed is ever seen, also in a worker that
   * does not know yet that its tasks are others' by now.
   */
  answers({ name, worker }: SimulatedWorker): readonly Finding[] {
    if (worker === undefined) return []
    const { tasks, standbys } = worker.view()
    const standings = [
      ...tasks
        .filter(({ phase }) => phase === 'running')
        .map((one) => ({ ...one, role: 'active' as const })),
      ...standbys.map((one) => ({ ...one, role: 'standby' as const })),
    ]
    return standings.flatMap(({ id, role, stores }) => {
      const { partition } = taskParts(id)
      return this.#storesOf(id).flatMap((store) => {
        const changelog = this.#changelogs.of(store, partition)
        const position = positionOf(store, stores)
        if (changelog === undefined || !changelog.isSettled(position)) return []
        const { parts } = worker.ask({ ...allOf(store.name), partitions: [partition] })
        return parts.flatMap((part) => {
          if (part.role !== role) return []
          const problem = rowsProblem(store, part.rows, changelog, position)
          if (problem === undefined) return []
          const message = `store ${store.name} of ${role} task ${id} in ${name} ${problem}`
          return [{ check: 'query-is-committed', message }]
        })
      })
    })
  }

  /** When all is quiet each part of each store is in one task, level with its changelog. */
  atRest(workers: readonly SimulatedWorker[]): readonly Finding[] {
    const stores = this.#plan.subTopologies.flatMap((sub) => sub.stores)
    return stores.flatMap((store) => {
      const answers = workers.flatMap(({ worker }) => worker?.ask(allOf(store.name)) ?? [])
      const parts = answers.flatMap((answer) => answer.parts)
      const silent = answers.flatMap((answer) => answer.silent.map(({ reason }) => reason))
      const problems = this.#changelogs.all(store).flatMap((changelog, partition) => {
        const mine = parts.filter((part) => part.partition === partition)
        const active = mine.filter(({ role }) => role === 'active').length
        const wrong = mine.flatMap(({ role, rows }) => {
          const problem = rowsProblem(store, rows, changelog, changelog.log.endOffset)
          return problem === undefined ? [] : [`${role} part ${partition} ${problem}`]
        })
        return active === 1 ? wrong : [`part ${partition} is active in ${active} tasks`, ...wrong]
      })
      return [...problems, ...silent].map((problem) => {
        return { check: 'view-is-changelog', message: `store ${store.name}: ${problem}` }
      })
    })
  }

  #storesOf(task: TaskId): readonly StoreSpec[] {
    return this.#plan.subTopologies[taskParts(task).subTopology]?.stores ?? []
  }
}

function positionOf({ name }: StoreSpec, stores: readonly StoreStatus[]): number {
  return stores.find((store) => store.name === name)?.position ?? 0
}

/** All rows of a part, those of the open epoch too. */
export function rowsOf(view: StoreView): readonly StoreRow[] {
  return view.read(everything, 'latest')
}

const everything = {
  kind: 'range',
  from: undefined,
  to: undefined,
  reverse: false,
  limit: Number.MAX_SAFE_INTEGER,
} as const

function allOf(store: string): StoreQuestion {
  const parts = { partitions: undefined, staleMs: Number.MAX_SAFE_INTEGER }
  return { store, read: everything, isolation: 'committed', ...parts }
}

/** What differs between rows of a part of a store and its changelog up to an offset. */
export function rowsProblem(
  store: StoreSpec,
  rows: readonly StoreRow[],
  changelog: Changelog,
  offset: number,
): string | undefined {
  if (!changelog.isWhole) return undefined
  const expected = changelog.at(offset)
  for (const row of rows) {
    const [key, value] = [hex(row.key), hex(row.value)]
    if (expected.get(key) === value) continue
    // What has closed is not kept up to date any more while it waits for its removal.
    if (expires(store) && changelog.hasHad(key, value, offset)) continue
    const wanted = expected.get(key) ?? 'nothing'
    return `has ${value} for key ${key}, its changelog up to ${offset} has ${wanted}`
  }
  if (expires(store) || rows.length === expected.size) return undefined
  return `has ${rows.length} keys, its changelog up to ${offset} has ${expected.size}`
}

/** A key as its changelog has it, of one as a backend has it. */
function keyIn(store: StoreSpec, stored: Uint8Array): Uint8Array {
  return expires(store) ? stored.subarray(sliceBytes) : stored
}

/** Entries of such stores go by time, and their changelog forgets them later. */
function expires({ window, times }: StoreSpec): boolean {
  return window !== undefined || times !== undefined
}
