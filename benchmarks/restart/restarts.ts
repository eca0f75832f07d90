/**
 * An engine that counts, killed (SIGKILL) again and again under a steady load, with its stores kept
 * and with them deleted.
 */
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { partitionName } from '../../src/model/ids.ts'
import type { BenchKafka } from '../harness/bench-kafka.ts'
import { type SubjectCommand, SubjectProcess } from '../harness/subject-process.ts'
import { chooseOrigin, sharedClock } from '../latency/shared-clock.ts'
import { Part } from '../latency/part.ts'
import type { InputRecord } from '../load/events.ts'
import { fill } from '../load/fill.ts'
import { keyBytes } from '../load/keys.ts'
import { millrace } from '../subjects/millrace.ts'
import { verify } from '../workloads/output-reader.ts'
import { countedOnce } from './counted-output.ts'
import { FirstOutput } from './first-output.ts'
import type { RestartOptions } from './options.ts'

export type StateFate = 'kept' | 'deleted'

export interface Restart {
  readonly round: number
  readonly state: StateFate
  /** From the start of the process to its first new output at a read_committed reader. */
  readonly ms: number
}

const application = 'bench-restart'
const input = `${application}-input`
const output = `${application}-output`
const catchUpMsMax = 120_000

export class Restarts {
  readonly #kafka: BenchKafka
  readonly #options: RestartOptions
  readonly #say: (text: string) => void
  readonly #stateDirectory: string
  #engine: SubjectProcess | undefined

  constructor(kafka: BenchKafka, options: RestartOptions, say: (text: string) => void) {
    this.#kafka = kafka
    this.#options = options
    this.#say = say
    this.#stateDirectory = join(kafka.scratch, 'restart-state')
  }

  /** @throws Error when the output is not what went in, counted once. */
  async run(): Promise<readonly Restart[]> {
    const { keys, partitions, rounds } = this.#options
    for (const topic of [input, output]) await this.#kafka.createTopic(topic, partitions)
    await fill(this.#kafka.wire, input, partitions, everyKeyOnce(keys))
    const command = await this.#command()
    await this.#start(command)
    await this.#caughtUp()
    this.#say(`${keys} keys are counted`)
    const generator = this.#generator()
    const found: Restart[] = []
    try {
      for (let round = 1; round <= rounds; round++) {
        for (const state of ['kept', 'deleted'] as const) {
          await this.#caughtUp()
          await sleep(this.#options.settleMs)
          const ms = await this.#restart(command, state)
          this.#say(`round ${round}, state ${state}: ${ms.toFixed(0)} ms`)
          found.push({ round, state, ms })
        }
      }
      await this.#verify(generator)
    } finally {
      generator.end()
      await this.#engine?.kill()
    }
    return found
  }

  async #restart(command: SubjectCommand, state: StateFate): Promise<number> {
    await this.#engine?.kill()
    this.#engine = undefined
    if (state === 'deleted') this.#deleteStores()
    const first = new FirstOutput(this.#kafka.client, output, this.#options.partitions)
    const { seenMs } = await first.watch(() => this.#engine?.checkRunning())
    const startedMs = await this.#start(command)
    return (await seenMs) - startedMs
  }

  async #start(command: SubjectCommand): Promise<number> {
    const startedMs = performance.now()
    const tell = (line: string) => {
      const atMs = Math.round(performance.now() - startedMs)
      if (this.#options.log) this.#say(`  ${atMs} ms: ${line}`)
    }
    this.#engine = await SubjectProcess.start(command, tell)
    return startedMs
  }

  /** Who the process is stays: a lost identity is another matter, the session time-out. */
  #deleteStores(): void {
    const directory = join(this.#stateDirectory, application)
    for (const name of readdirSync(directory)) {
      if (name.startsWith('worker-')) rmSync(join(directory, name), { recursive: true })
    }
  }

  /** Until the committed positions are less than a second behind. */
  async #caughtUp(): Promise<void> {
    const { admin } = this.#kafka.client
    const { partitions, perSecond } = this.#options
    const all = Array.from({ length: partitions }, (_, partition) => ({ topic: input, partition }))
    const deadline = performance.now() + catchUpMsMax
    while (performance.now() < deadline) {
      this.#engine?.checkRunning()
      const positions = await admin.committedOffsets(application, all).catch(() => new Map())
      const ends = await admin.listOffsets(all, 'latest', 'read_uncommitted')
      const behind = all.map(partitionName).reduce((sum, name) => {
        return sum + (ends.get(name) ?? 0) - (positions.get(name)?.offset ?? 0)
      }, 0)
      if (positions.size === partitions && behind < perSecond) return
      await sleep(50)
    }
    throw new Error(`it has not caught up after ${catchUpMsMax} ms`)
  }

  #generator(): Part {
    const { brokers } = this.#kafka
    const { partitions, keys, valueBytes, perSecond } = this.#options
    const originMs = chooseOrigin()
    this.#now = sharedClock(originMs)
    const load = { topic: input, partitions, originMs, perSecond, tickMs: 5, keys, valueBytes }
    return new Part('generator', { brokers, ...load })
  }

  #now: () => number = () => 0

  async #verify(generator: Part): Promise<void> {
    const { keys, partitions } = this.#options
    const now = this.#now()
    generator.say({ kind: 'window', window: { fromMs: now, toMs: now } })
    const { result } = await generator.hear('generated')
    await this.#caughtUp()
    const expected = countedOnce(keys, keys + result.records)
    const wrong = await verify(this.#kafka.client, output, partitions, expected)
    if (wrong !== undefined) throw new Error(`the output is wrong: ${wrong}`)
    this.#say(`${keys + result.records} records are counted exactly once`)
  }

  async #command(): Promise<SubjectCommand> {
    const { brokers, scratch } = this.#kafka
    const { partitions, store, log } = this.#options
    const prepared = await millrace.prepare({ brokers, scratch, say: this.#say })
    return prepared.command({
      workload: 'count',
      brokers,
      application,
      inputs: { events: input },
      output,
      partitions,
      commitMs: 100,
      threads: 1,
      part: { index: 0, of: 1 },
      store,
      stateDirectory: this.#stateDirectory,
      gcDirectory: scratch,
      settings: log ? { 'log-level': 'info' } : {},
    })
  }
}

function* everyKeyOnce(keys: number): Generator<InputRecord> {
  const value = new TextEncoder().encode('{}')
  for (let key = 0; key < keys; key++) {
    yield { key: keyBytes(key), value, timestamp: Date.now() }
  }
}
