import { restoreTo } from '../changelog/restore.ts'
import { StreamError } from '../model/errors.ts'
import { epoch as epochNumber, partitionName, type Epoch } from '../model/ids.ts'
import { murmur2 } from '../model/murmur2.ts'
import type { Output, OutputPartition } from '../model/output.ts'
import type { RecordBatch } from '../model/record.ts'
import type { Plan } from '../plan/plan.ts'
import { layoutOf } from '../state/slices.ts'
import { cachedBytes, ClockHand } from '../state/clock-hand.ts'
import type { EpochBuffer } from '../state/epoch-buffer.ts'
import { type StoreStatus, StoreView } from '../state/store-view.ts'
import type { ExpiringStore } from '../state/expiring-store.ts'
import type { Timed } from '../operators/timed.ts'
import type { EmitAtCut } from '../operators/emit-at-cut.ts'
import type { Chain, Entry } from './chain.ts'
import { FlushBehind } from './flush-behind.ts'
import type { KeptStores } from './kept-stores.ts'
import type { PurgePoint, RestoreNeed, TaskPosition } from './port.ts'

/** Entries that one commit looks at, of each store: a millisecond or two. */
export const evictionSteps = 131_072
/** Entries of other stores that are looked at while an ordered store looks at one. */
const orderedSteps = 16
const noEpoch = epochNumber(0)

interface TaskStore {
  readonly buffer: EpochBuffer
  /** Undefined for a store whose entries stay. */
  readonly expiring: ExpiringStore | undefined
  /** Operators that use it and wait for time. */
  readonly timed: readonly Timed[]
  /** What it is restored from. Undefined: nothing of it survives a restart. */
  readonly topic: string | undefined
  /** The store is a table of `topic`, which others write. */
  readonly source: Entry | undefined
  readonly emitter: EmitAtCut | undefined
  changelog: OutputPartition | undefined
  /** Where the restoration of a table of `topic` ends. */
  end: number | undefined
}

interface TaskStoresParts {
  readonly plan: Plan
  readonly partition: number
  readonly chain: Chain
  readonly kept: KeptStores | undefined
  readonly output: Output
}

/** The stores of one task with their changelogs. */
export class TaskStores {
  readonly #partition: number
  readonly #kept: KeptStores | undefined
  readonly #flush: FlushBehind | undefined
  /** Of the stores that a backend has. */
  readonly #hands: readonly { readonly buffer: EpochBuffer; readonly hand: ClockHand }[]
  /** Share of them that goes at the next commit. */
  #evicting = 0
  /** An epoch that was cut waits for its commit. */
  #unsettled = false
  readonly #output: Output
  readonly #stores: readonly TaskStore[]
  /** Input positions of the epochs that are not settled, for tables of topics. */
  #reached: { readonly epoch: Epoch; readonly ends: ReadonlyMap<string, number> }[] = []

  constructor({ plan, partition, chain, kept, output }: TaskStoresParts) {
    this.#partition = partition
    this.#kept = kept
    const below = chain.stores
      .map(({ buffer }) => buffer)
      .filter(({ spec }) => kept?.has(spec) === true)
    this.#flush = kept === undefined ? undefined : new FlushBehind(kept.backend, below)
    this.#output = output
    this.#hands = below.map((buffer) => ({ buffer, hand: new ClockHand() }))
    this.#stores = chain.stores.map(({ buffer, windows, timed }) => ({
      buffer,
      expiring: windows ?? timed,
      timed: chain.timed.filter(({ stores }) => stores.includes(buffer)).map(({ step }) => step),
      topic: buffer.spec.sourceTopic ?? changelogOf(plan, buffer.spec.name),
      source: chain.entries.get(buffer.spec.sourceTopic ?? ''),
      emitter: chain.emitters.find(({ store }) => store === buffer),
      changelog: undefined,
      end: undefined,
    }))
  }

  get dirty(): boolean {
    return this.#stores.some(({ buffer, expiring }) => buffer.dirty || expiring?.closing === true)
  }

  /** @param watermark The committed one: windows that it closed are not restored. */
  restoreNeeds(positions: readonly TaskPosition[], watermark: number): readonly RestoreNeed[] {
    const needs: RestoreNeed[] = []
    const partition = this.#partition
    for (const one of this.#stores) {
      const { buffer, expiring, topic, source } = one
      expiring?.restart(watermark)
      if (topic === undefined) continue
      const store = buffer.spec.name
      const from = buffer.nextOffset ?? 0
      // What comes after the position will be processed: the table must not know it yet.
      const input = positions.find((other) => other.topic === topic)
      one.end = source === undefined ? undefined : input?.offset
      source?.restoreGate?.from(topic, partition)
      const layout = layoutOf(buffer.spec)
      const need = { store, topic, partition, from, to: one.end }
      needs.push(layout === undefined ? need : { ...need, layout })
    }
    return needs
  }

  restore(store: string, batches: readonly RecordBatch[], nextOffset: number): void {
    const { buffer, expiring, end, source } = this.#storeOf(store)
    const gate = source?.restoreGate
    const filter = {
      ...(end === undefined ? {} : { until: end }),
      ...(gate === undefined
        ? {}
        : { timeOf: (batch: RecordBatch, index: number) => gate.timeOf(batch, index) }),
    }
    restoreTo(expiring ?? buffer, batches, nextOffset, filter)
  }

  /** While the task is owned elsewhere: what closed there goes, what was read there is taken. */
  follow(positions: readonly TaskPosition[], watermark: number): void {
    for (const one of this.#stores) {
      one.expiring?.restart(watermark)
      // Nothing was cut here: this lets go of what has expired.
      one.expiring?.committed(noEpoch)
      const input = positions.find((other) => other.topic === one.topic)
      // Answers can come in another order than the questions.
      if (one.source !== undefined) one.end = Math.max(one.end ?? 0, input?.offset ?? 0)
    }
  }

  /** Forgets what a store has; it is restored from the beginning then. */
  clear(store: string): void {
    this.#kept?.backend.clear(store)
    const { buffer, expiring } = this.#storeOf(store)
    expiring?.clear()
    for (const key of buffer.table.keys()) {
      buffer.restore(-1, key, 0, key.length, murmur2(key, 0, key.length), -1, -1)
    }
    buffer.restored(0)
  }

  /** A flush begins between this commit and the next cut. */
  wantFlush(): void {
    this.#flush?.want()
    if (!this.#unsettled) this.#flush?.settled()
  }

  /** Writes up to so many changes of a flush that has begun. */
  writeFlush(changesMax: number): boolean {
    this.#flush?.write(changesMax)
    return this.#flush?.busy ?? false
  }

  get unsettled(): boolean {
    return this.#unsettled
  }

  get cachedBytes(): number {
    return this.#hands.reduce((sum, { buffer }) => sum + cachedBytes(buffer), 0)
  }

  /** Such a share of what is in memory and in files goes with `evictNow`. */
  evict(share: number): void {
    this.#evicting = share
  }

  /** Where nobody holds an entry. */
  evictNow(stepsMax: number): void {
    for (const { buffer, hand } of this.#hands) {
      const wanted = Math.ceil(buffer.table.size * this.#evicting)
      // Taking an entry out of an order costs as much as looking at many.
      const steps = buffer.spec.ordered === true ? stepsMax / orderedSteps : stepsMax
      hand.turn(buffer, wanted, steps)
    }
    this.#evicting = 0
  }

  /** The task begins, or begins again, at the committed watermark. */
  start(watermark: number): void {
    for (const { expiring } of this.#stores) expiring?.restart(watermark)
  }

  /**
   * Stages each store's changes, then emits them, store by store down the topology; windows close
   * behind what tables before them emit now.
   */
  cut(epoch: Epoch, watermark: number): void {
    this.#unsettled = true
    for (const store of this.#stores) {
      for (const timed of store.timed) timed.advance(watermark)
      store.expiring?.cut(epoch)
      if (!store.buffer.dirty) continue
      if (store.topic !== undefined && store.source === undefined) {
        store.changelog ??= this.#output.open(store.topic, this.#partition)
      }
      const changes = store.buffer.cut(epoch, store.changelog)
      store.emitter?.emit(changes)
    }
  }

  /** The input positions of an epoch that was cut: how far tables of topics are in them. */
  reached(epoch: Epoch, positions: readonly TaskPosition[]): void {
    if (!this.#stores.some(({ source }) => source !== undefined)) return
    const ends = new Map(positions.map((one) => [partitionName(one), one.offset]))
    this.#reached.push({ epoch, ends })
  }

  committed(epoch: Epoch, ends: ReadonlyMap<string, number>): void {
    const inputs = this.#reached.find((one) => one.epoch === epoch)?.ends
    for (const { buffer, expiring, topic, source } of this.#stores) {
      const known = source === undefined ? ends : inputs
      const end =
        topic === undefined
          ? undefined
          : known?.get(partitionName({ topic, partition: this.#partition }))
      buffer.committed(epoch, end)
      expiring?.committed(epoch)
    }
    this.#reached = this.#reached.filter((one) => one.epoch > epoch)
    this.#unsettled = false
    this.#flush?.settled()
    if (this.#evicting > 0) this.evictNow(evictionSteps)
  }

  /** Offsets of changelogs before which nothing is needed any more. */
  purgeable(): readonly PurgePoint[] {
    const points: PurgePoint[] = []
    for (const { expiring, topic } of this.#stores) {
      if (expiring === undefined || topic === undefined) continue
      points.push({ topic, partition: this.#partition, offset: expiring.changelogFrom })
    }
    return points
  }

  rollback(): void {
    this.#reached = []
    this.#unsettled = false
    for (const { buffer, expiring } of this.#stores) {
      buffer.rollback()
      expiring?.rollback()
    }
  }

  /** What has committed is flushed, whatever else is dropped. */
  close(): void {
    this.rollback()
    this.#flush?.last()
    this.#kept?.backend.close()
  }

  status(): readonly StoreStatus[] {
    return this.#stores.map(({ buffer }) => ({
      name: buffer.spec.name,
      entries: buffer.table.size,
      position: buffer.nextOffset,
    }))
  }

  view(name: string): StoreView {
    const { buffer } = this.#storeOf(name)
    return new StoreView(buffer)
  }

  #storeOf(name: string): TaskStore {
    const found = this.#stores.find(({ buffer }) => buffer.spec.name === name)
    if (found !== undefined) return found
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
