/** The stores that a state directory has: files as they are, opened for reading. */
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { loadLmdb } from '../../adapters/lmdb/library.ts'
import { LmdbStore } from '../../adapters/lmdb/lmdb-store.ts'
import { messageOf } from '../../model/errors.ts'
import { readInt64 } from '../../model/int64.ts'
import type { Plan } from '../../plan/plan.ts'
import type { KeyRange } from '../../state/backend.ts'
import { BackendStore } from '../../state/backend-store.ts'
import type { StoreSpec } from '../../state/spec.ts'
import { timeBytes } from '../../state/store-batch.ts'

export interface LocalStore {
  readonly worker: string
  readonly task: string
  readonly partition: number
  readonly spec: StoreSpec
  /** Its changelog, or the topic that it is a table of. */
  readonly topic: string
  readonly path: string
  readonly bytes: number
}

export interface StoredEntry {
  readonly key: unknown
  readonly value: unknown
  /** Of the last change, milliseconds since 1970. */
  readonly time: number
}

/** By worker, task and store. @param directory Of the application. */
export function localStores(plan: Plan, directory: string): readonly LocalStore[] {
  return namesIn(directory, /^worker-\d+$/).flatMap((worker) =>
    namesIn(join(directory, worker), /^\d+_\d+$/).flatMap((task) => {
      const [sub, partition] = task.split('_').map(Number)
      const stores = plan.subTopologies[sub ?? -1]?.stores ?? []
      return stores.flatMap((spec): readonly LocalStore[] => {
        const path = join(directory, worker, task, `${spec.name}.mdb`)
        if (!existsSync(path)) return []
        const topic = spec.sourceTopic ?? `${plan.application}-${spec.name}-changelog`
        const bytes = statSync(path).size
        return [{ worker, task, partition: partition ?? 0, spec, topic, path, bytes }]
      })
    }),
  )
}

/** Where the changelog goes on after what the file has; text: why that is not known. */
export async function offsetOf({ path }: LocalStore): Promise<number | string> {
  return reading(path, (store) => store.offset() ?? 0).catch(messageOf)
}

/** @throws Error that says what is wrong with the file. */
export function entriesOf({ path, spec }: LocalStore, range: KeyRange): Promise<StoredEntry[]> {
  return reading(path, (store) => {
    const backend = {
      get: (_: string, bytes: Uint8Array, start: number, end: number) =>
        store.get(bytes, start, end),
      range: (_: string, within: KeyRange) => store.range(within),
      offset: () => store.offset(),
    }
    return Array.from(new BackendStore(backend, spec).range(range), ([key, value]) => ({
      key: spec.key.deserialize(key),
      value: spec.value.deserialize(value.subarray(timeBytes)),
      time: readInt64(value, 0),
    }))
  })
}

async function reading<Value>(path: string, read: (store: LmdbStore) => Value): Promise<Value> {
  const store = new LmdbStore(await loadLmdb(), path)
  try {
    return read(store)
  } finally {
    store.close()
  }
}

function namesIn(directory: string, pattern: RegExp): readonly string[] {
  if (!existsSync(directory)) return []
  const names = readdirSync(directory).filter((name) => pattern.test(name))
  return names.toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }))
}
