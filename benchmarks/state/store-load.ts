/** One task that keeps the last value of each key, driven as a worker drives it. */
import { LmdbBackend } from '../../src/adapters/lmdb/lmdb-backend.ts'
import { loadLmdb } from '../../src/adapters/lmdb/library.ts'
import { bytes, topology } from '../../src/index.ts'
import { epoch } from '../../src/model/ids.ts'
import type { Output, OutputPartition } from '../../src/model/output.ts'
import { assignOffsets, decodeBatch } from '../../src/kafka/protocol/record-batch/index.ts'
import {
  readBatchHeaders,
  RecordBatchBuilder,
} from '../../src/kafka/protocol/record-batch/index.ts'
import { planTopology } from '../../src/plan/plan-topology.ts'
import type { PersistentBackend } from '../../src/state/backend.ts'
import { createTask, type RunningTask } from '../../src/task/create-task.ts'
import { KeptStores } from '../../src/task/kept-stores.ts'

export interface Measured {
  readonly fillPerSecond: number
  readonly updatePerSecond: number
  readonly anonBytesMax: number
  readonly fileBytes: number
  /** To the first record of a task on the files of another; undefined without files. */
  readonly openMs: number | undefined
}

const batchRecords = 500
const epochRecords = 50_000
/** As `stateCacheBytes` of a small process, and `stateFlushInterval`. */
const cacheBytesMax = 512 * 2 ** 20
const flushMs = 5_000
const sliceMs = 2
/** Coprime to every power of ten: each key once, far from the one before. */
const step = 7_368_787

const plan = planTopology(
  topology('store-load', (t) => {
    t.stream('input', { key: bytes, value: bytes })
      .groupByKey()
      .reduce('last', (_, value) => value)
  }),
)

export class StoreLoad {
  anonBytesMax = 0
  readonly #task: RunningTask
  readonly #kept: boolean
  readonly #anonBytes: () => number
  readonly #builder = new RecordBatchBuilder(1 << 20)
  readonly #key = new Uint8Array(16)
  readonly #value = new Uint8Array(100)
  #offset = 0
  #epoch = 0
  #flushedMs = performance.now()
  #flushing = false

  /** @param directory Undefined: in memory. */
  static async open(directory: string | undefined, anonBytes: () => number): Promise<StoreLoad> {
    if (directory === undefined) return new StoreLoad(undefined, anonBytes)
    const onUnreadable = (_: string, error: Error) => {
      throw error
    }
    const lmdb = await loadLmdb()
    const backend = new LmdbBackend({ lmdb, directory, onUnreadable, onClosed: () => undefined })
    return new StoreLoad(backend, anonBytes)
  }

  private constructor(backend: PersistentBackend | undefined, anonBytes: () => number) {
    const [subTopology] = plan.subTopologies
    if (subTopology === undefined) throw new Error('the plan has one sub-topology')
    this.#anonBytes = anonBytes
    this.#kept = backend !== undefined
    this.#task = createTask({
      plan,
      subTopology,
      partition: 0,
      output: nowhere,
      ...(backend === undefined ? {} : { kept: new KeptStores(backend, 'lmdb') }),
    })
    this.#task.restoreNeeds([])
    const from = { offset: 0, leaderEpoch: 0, metadata: '' }
    this.#task.start(
      this.#task.inputs.map((input) => ({ ...input, ...from })),
      0,
    )
  }

  /** Each key once; answers records per second. */
  fill(keys: number): number {
    return this.#run(keys, (at) => (at * step) % keys)
  }

  /** Keys as they come; answers records per second. */
  update(updates: number, keys: number): number {
    let seed = 1
    return this.#run(updates, () => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
      return seed % keys
    })
  }

  firstReadMs(): number {
    const begun = performance.now()
    this.#step(1, () => 0)
    return performance.now() - begun
  }

  close(): void {
    this.#task.close()
  }

  #run(records: number, keyOf: (at: number) => number): number {
    const begun = performance.now()
    for (let done = 0; done < records; done += batchRecords) {
      this.#step(batchRecords, (index) => keyOf(done + index))
      if (done % epochRecords === 0) this.#commit()
      if (this.#kept) this.#flush()
      this.anonBytesMax = done % 1_000_000 === 0 ? this.#anonSoFar() : this.anonBytesMax
    }
    this.#commit()
    this.anonBytesMax = this.#anonSoFar()
    return (records / (performance.now() - begun)) * 1000
  }

  #anonSoFar(): number {
    return Math.max(this.anonBytesMax, this.#anonBytes())
  }

  #step(records: number, keyOf: (index: number) => number): void {
    const builder = this.#builder
    const view = new DataView(this.#key.buffer)
    for (let index = 0; index < records; index += 1) {
      const number = keyOf(index)
      // As keys are: what differs is not at the front, nor in order.
      view.setUint32(8, Math.imul(number, 0x9e3779b1))
      view.setUint32(12, number)
      view.setUint32(0, number)
      this.#value[0] = this.#offset & 255
      builder.append(index, this.#key, 0, 16, this.#value, 0, 100, [])
    }
    const made = builder.finish({}).slice()
    builder.reset()
    assignOffsets(made, this.#offset, 0)
    this.#offset += records
    const [input] = this.#task.inputs
    if (input === undefined) return
    for (const header of readBatchHeaders(made)) {
      const batch = decodeBatch(made, header, (_, packed) => packed)
      this.#task.offer(input, [batch], this.#offset, 0)
    }
    this.#task.process(records, 0)
  }

  #commit(): void {
    this.#epoch += 1
    this.#task.cut(epoch(this.#epoch))
    const ends = new Map([['store-load-last-changelog-0', this.#offset]])
    this.#task.committed(epoch(this.#epoch), ends)
    if (this.#kept) this.#bound()
  }

  /** As `worker/cache-bound.ts`. */
  #bound(): void {
    const { cachedBytes } = this.#task
    if (cachedBytes <= cacheBytesMax) return
    this.#task.wantFlush()
    this.#flushing = true
    this.#task.evict(1 - (0.9 * cacheBytesMax) / cachedBytes)
  }

  /** As `worker/flushes.ts`. */
  #flush(): void {
    const begun = performance.now()
    if (begun - this.#flushedMs >= flushMs) {
      this.#flushedMs = begun
      this.#task.wantFlush()
      this.#flushing = true
    }
    while (this.#flushing && performance.now() - begun < sliceMs) {
      this.#flushing = this.#task.writeFlush(512)
    }
  }
}

const partition: OutputPartition = { append: () => undefined }
const nowhere: Output = { partitionsOf: () => 1, open: () => partition }
