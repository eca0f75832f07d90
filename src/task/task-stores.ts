import { changesOf } from '../changelog/restore.ts'
import { StreamError } from '../model/errors.ts'
import { partitionName, type Epoch } from '../model/ids.ts'
import type { Output, OutputPartition } from '../model/output.ts'
import type { RecordBatch } from '../model/record.ts'
import type { Plan } from '../plan/plan.ts'
import type { StateBackend } from '../state/backend.ts'
import type { EpochBuffer } from '../state/epoch-buffer.ts'
import { StoreView } from '../state/store-view.ts'
import type { EmitAtCut } from '../operators/emit-at-cut.ts'
import type { Chain } from './chain.ts'
import type { RestoreNeed } from './port.ts'

interface TaskStore {
  readonly buffer: EpochBuffer
  /** Undefined: the store has no changelog, nothing of it survives a restart. */
  readonly topic: string | undefined
  readonly emitter: EmitAtCut | undefined
  changelog: OutputPartition | undefined
}

interface TaskStoresParts {
  readonly plan: Plan
  readonly partition: number
  readonly chain: Chain
  readonly backend: StateBackend
  readonly output: Output
}

/** The stores of one task with their changelogs. */
export class TaskStores {
  readonly #partition: number
  readonly #backend: StateBackend
  readonly #output: Output
  readonly #stores: readonly TaskStore[]

  constructor({ plan, partition, chain, backend, output }: TaskStoresParts) {
    this.#partition = partition
    this.#backend = backend
    this.#output = output
    this.#stores = chain.stores.map((buffer) => ({
      buffer,
      topic: changelogOf(plan, buffer.spec.name),
      emitter: chain.emitters.find(({ store }) => store === buffer),
      changelog: undefined,
    }))
  }

  get dirty(): boolean {
    return this.#stores.some(({ buffer }) => buffer.dirty)
  }

  restoreNeeds(): readonly RestoreNeed[] {
    const needs: RestoreNeed[] = []
    for (const { buffer, topic } of this.#stores) {
      if (topic === undefined) continue
      const store = buffer.spec.name
      const from = this.#backend.offset(store) ?? 0
      needs.push({ store, topic, partition: this.#partition, from })
    }
    return needs
  }

  restore(store: string, batches: readonly RecordBatch[], nextOffset: number): void {
    this.#find(store)
    this.#backend.apply(changesOf(store, batches, nextOffset))
  }

  /** Stages each store's changes, then emits them, store by store down the topology. */
  cut(epoch: Epoch): void {
    for (const store of this.#stores) {
      if (!store.buffer.dirty) continue
      if (store.topic !== undefined) {
        store.changelog ??= this.#output.open(store.topic, this.#partition)
      }
      const changes = store.buffer.cut(epoch, store.changelog)
      if (changes !== undefined) store.emitter?.emit(changes)
    }
  }

  committed(epoch: Epoch, ends: ReadonlyMap<string, number>): void {
    for (const { buffer, topic } of this.#stores) {
      const end =
        topic === undefined
          ? undefined
          : ends.get(partitionName({ topic, partition: this.#partition }))
      buffer.committed(epoch, end)
    }
  }

  rollback(): void {
    for (const { buffer } of this.#stores) buffer.rollback()
  }

  close(): void {
    this.#backend.close()
  }

  view(name: string): StoreView {
    return new StoreView(this.#find(name), this.#backend)
  }

  #find(name: string): EpochBuffer {
    const found = this.#stores.find(({ buffer }) => buffer.spec.name === name)
    if (found !== undefined) return found.buffer
    const names = this.#stores.map(({ buffer }) => buffer.spec.name).join(', ')
    throw new StreamError(
      'UNKNOWN_STORE',
      `there is no store ${name} here; there is: ${names === '' ? 'none' : names}`,
      { domain: 'user', recovery: 'fatal' },
    )
  }
}

function changelogOf({ internalTopics }: Plan, store: string): string | undefined {
  return internalTopics.find((topic) => topic.kind === 'changelog' && topic.store === store)?.name
}
