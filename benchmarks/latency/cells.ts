/**
 * All cells of a run, round by round, so that what the machine does meanwhile meets all engines.
 * Each has topics, a group, a state directory and processes of its own.
 */
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from '../../cluster/root.ts'
import type { BenchKafka } from '../harness/bench-kafka.ts'
import type { SubjectCommand } from '../harness/subject-process.ts'
import { engineNamed } from '../subjects/index.ts'
import type { Prepared } from '../subjects/subject.ts'
import { type CellResult, runCell } from './cell.ts'
import { type LatencyOptions, type LatencySubject, noEngine } from './options.ts'
import { chooseOrigin } from './shared-clock.ts'

export interface Cell {
  readonly subject: string
  readonly perSecond: number
  readonly commitMs: number
  readonly round: number
  readonly result?: CellResult
  /** Why there is no result. */
  readonly problem?: string
}

interface Turn {
  readonly subject: LatencySubject
  readonly perSecond: number
  readonly commitMs: number
  readonly round: number
}

export class Cells {
  readonly #kafka: BenchKafka
  readonly #options: LatencyOptions
  readonly #say: (text: string) => void
  readonly #prepared = new Map<string, Prepared>()
  #number = 0

  constructor(kafka: BenchKafka, options: LatencyOptions, say: (text: string) => void) {
    this.#kafka = kafka
    this.#options = options
    this.#say = say
  }

  async *run(): AsyncGenerator<Cell> {
    const turns = this.#turns()
    const [first] = turns
    // A broker that has just started is not yet compiled.
    if (first !== undefined) this.#say(`warming up: ${cellLine(await this.#cell(first))}`)
    for (const turn of turns) {
      const cell = await this.#cell(turn)
      this.#say(cellLine(cell))
      yield cell
    }
  }

  #turns(): readonly Turn[] {
    const { rounds, commitsMs, rates, subjects } = this.#options
    return Array.from({ length: rounds }, (_, i) => i + 1).flatMap((round) =>
      commitsMs.flatMap((commitMs) =>
        rates.flatMap((perSecond) =>
          subjects.map((subject) => ({ subject, perSecond, commitMs, round })),
        ),
      ),
    )
  }

  async #cell({ subject, perSecond, commitMs, round }: Turn): Promise<Cell> {
    const { partitions, keys, valueBytes, tickMs, warmUpMs, measureMs } = this.#options
    const application = `latency-${process.pid}-${this.#number++}`
    const folder = join(this.#kafka.scratch, application)
    const gcDirectory = join(folder, 'gc')
    const input = `${application}-input`
    const output = subject.engine === noEngine ? input : `${application}-output`
    const { brokers, brokerPid } = this.#kafka
    const cell = { subject: subject.name, perSecond, commitMs, round }
    try {
      for (const topic of new Set([input, output])) await this.#kafka.createTopic(topic, partitions)
      const place = { application, folder, gcDirectory, input, output, commitMs }
      const command = await this.#command(subject, place)
      const originMs = chooseOrigin()
      const setup = { brokers, partitions, originMs, perSecond, tickMs, keys, valueBytes }
      const plan = { command, gcDirectory, brokerPid, input, output, setup, warmUpMs, measureMs }
      return { ...cell, result: await runCell(plan) }
    } catch (error) {
      return { ...cell, problem: error instanceof Error ? error.message : String(error) }
    } finally {
      await this.#kafka.deleteTopics(application)
      rmSync(folder, { recursive: true, force: true })
    }
  }

  async #command(
    subject: LatencySubject,
    place: {
      readonly application: string
      readonly folder: string
      readonly gcDirectory: string
      readonly input: string
      readonly output: string
      readonly commitMs: number
    },
  ): Promise<SubjectCommand | undefined> {
    if (subject.engine === noEngine) return undefined
    const { workload, partitions } = this.#options
    const { application, folder, gcDirectory, input, output, commitMs } = place
    const stateDirectory = join(folder, 'state')
    for (const made of [stateDirectory, gcDirectory]) mkdirSync(made, { recursive: true })
    const prepared = await this.#engine(subject.engine)
    const command = prepared.command({
      workload,
      brokers: this.#kafka.brokers,
      application,
      inputs: { events: input },
      output,
      partitions,
      commitMs,
      threads: subject.threads,
      part: { index: 0, of: 1 },
      store: subject.store ?? engineNamed(subject.engine).stores[0] ?? 'none',
      stateDirectory,
      settings: subject.settings,
      gcDirectory,
    })
    return variant(command, subject)
  }

  async #engine(name: string): Promise<Prepared> {
    const known = this.#prepared.get(name)
    if (known !== undefined) return known
    const { brokers, scratch } = this.#kafka
    const prepared = await engineNamed(name).prepare({ brokers, scratch, say: this.#say })
    this.#prepared.set(name, prepared)
    return prepared
  }
}

function variant(command: SubjectCommand, { checkout, flags }: LatencySubject): SubjectCommand {
  const there = checkout === undefined ? projectRoot : `${checkout}/`
  const args = command.args.map((arg) => arg.replace(projectRoot, there))
  return { ...command, args: [...args, ...flags] }
}

function cellLine({ subject, perSecond, commitMs, round, result, problem }: Cell): string {
  const what = `round ${round}: ${subject}, ${perSecond}/s, commit ${commitMs} ms:`
  if (result === undefined) return `${what} WRONG: ${problem ?? ''}`
  const { latency, cpuMicrosPerRecord, lateness, acknowledged } = result
  const ms = (value: number) => value.toFixed(1)
  return [
    what,
    `p50 ${ms(latency.p50Ms)} p99 ${ms(latency.p99Ms)} max ${ms(latency.maxMs)} ms,`,
    `CPU ${ms(cpuMicrosPerRecord)} µs a record;`,
    `generator late p99 ${ms(lateness.p99Ms)}, acknowledged p99 ${ms(acknowledged.p99Ms)} ms`,
  ].join(' ')
}
