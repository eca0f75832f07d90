/** One task on topics in memory, driven by hand. */
import { epoch } from '../../src/model/ids.ts'
import type { Plan } from '../../src/plan/plan.ts'
import type { PersistentBackend } from '../../src/state/backend.ts'
import { KeptStores } from '../../src/task/kept-stores.ts'
import type { TaskPosition } from '../../src/task/port.ts'
import { createTask, type RunningTask } from '../../src/task/create-task.ts'
import { MemoryOutput } from '../../src/testing/driver/memory-output.ts'
import type { LogRecord, RecordLog } from '../../src/testing/driver/record-log.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder()

export interface Sent {
  readonly key?: string | null
  readonly value?: string | null
  readonly timestamp?: number
  readonly headers?: LogRecord['headers']
}

export class TaskBench {
  readonly output: MemoryOutput
  readonly task: RunningTask
  readonly #partition: number
  #epoch = 0

  constructor(
    plan: Plan,
    subTopology: number,
    options: {
      readonly output?: MemoryOutput
      readonly partition?: number
      readonly backend?: PersistentBackend
    } = {},
  ) {
    const chosen = plan.subTopologies[subTopology]
    if (chosen === undefined) throw new Error('no such sub-topology')
    this.output = options.output ?? new MemoryOutput()
    this.#partition = options.partition ?? 0
    this.task = createTask({
      plan,
      subTopology: chosen,
      partition: this.#partition,
      output: this.output,
      ...(options.backend === undefined ? {} : { kept: new KeptStores(options.backend, 'lmdb') }),
    })
  }

  /**
   * Restores from the changelogs in the output, then starts from offset 0 or the given positions.
   * @param purged First offsets that are left of changelogs, by topic.
   */
  start(
    positions?: readonly TaskPosition[],
    purged: ReadonlyMap<string, number> = new Map(),
  ): this {
    const from =
      positions ?? this.task.inputs.map((input) => position(input.topic, this.#partition))
    for (const need of this.task.restoreNeeds(from)) {
      const log = this.output.open(need.topic, need.partition)
      const from = Math.max(need.from, purged.get(need.topic) ?? 0)
      this.task.restore(need.store, [log.read(from)], log.end)
    }
    this.task.start(from, 0)
    return this
  }

  /** Adds records to an input topic without offering them. */
  append(topic: string, ...records: readonly Sent[]): RecordLog {
    const log = this.output.open(topic, this.#partition)
    for (const { key, value, timestamp, headers } of records) {
      log.add({
        key: key === undefined || key === null ? null : encoder.encode(key),
        value: value === undefined || value === null ? null : encoder.encode(value),
        timestamp: timestamp ?? 0,
        headers: headers ?? [],
      })
    }
    return log
  }

  /** Offers the records of an input from an offset on and tells its end. */
  fetch(topic: string, from: number): void {
    const log = this.output.open(topic, this.#partition)
    const input = { topic, partition: this.#partition }
    this.task.offer(input, [log.read(from)], log.end, 0)
    this.task.seeEnd(input, log.end)
  }

  send(topic: string, ...records: readonly Sent[]): void {
    const { end } = this.output.open(topic, this.#partition)
    this.append(topic, ...records)
    this.fetch(topic, end)
  }

  /** Processes all that can be processed. */
  run(): number {
    return this.task.process(Number.MAX_SAFE_INTEGER, 0)
  }

  cut(): { readonly epoch: ReturnType<typeof epoch>; readonly positions: readonly TaskPosition[] } {
    this.#epoch += 1
    const cut = epoch(this.#epoch)
    return { epoch: cut, positions: this.task.cut(cut) }
  }

  commit(): readonly TaskPosition[] {
    const cut = this.cut()
    const ends = new Map([...this.output.logs].map(([name, log]) => [name, log.end]))
    this.task.committed(cut.epoch, ends)
    return cut.positions
  }

  /** Keys and values of a topic as texts. */
  read(topic: string, partition = this.#partition): readonly (readonly [string, string])[] {
    return this.output
      .open(topic, partition)
      .records.map(({ key, value }) => [text(key), text(value)])
  }

  /** Keys and counts of a topic whose values are int64. */
  counts(topic: string): readonly (readonly [string, number | null])[] {
    return this.output
      .open(topic, this.#partition)
      .records.map(({ key, value }) => [text(key), value?.at(-1) ?? null])
  }
}

export function position(topic: string, partition: number, offset = 0): TaskPosition {
  return { topic, partition, offset, leaderEpoch: 0, metadata: '' }
}

function text(bytes: Uint8Array | null): string {
  return bytes === null ? '–' : decoder.decode(bytes)
}
