/** All runs of the command: workload by workload, in rounds in which the subjects take turns. */
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { LoadShape } from '../load/events.ts'
import { fill } from '../load/fill.ts'
import { engineNamed } from '../subjects/index.ts'
import type { Prepared } from '../subjects/subject.ts'
import { verify } from '../workloads/output-reader.ts'
import type { Workload } from '../workloads/workload.ts'
import type { BenchKafka } from './bench-kafka.ts'
import { gcSeconds } from './gc-time.ts'
import { measure, type Measured } from './measure.ts'
import type { BenchOptions, NamedSubject } from './options.ts'
import { Progress } from './progress.ts'
import type { Run } from './results.ts'
import { sideBySide } from './side-by-side.ts'
import { SubjectProcess } from './subject-process.ts'

const runMsMax = 180_000
const reasonChars = 300

export class Rounds {
  readonly #kafka: BenchKafka
  readonly #options: BenchOptions
  readonly #say: (text: string) => void
  /** Topics that are filled, by content and size. */
  readonly #filled = new Map<string, string>()
  readonly #prepared = new Map<string, Prepared>()

  constructor(kafka: BenchKafka, options: BenchOptions, say: (text: string) => void) {
    this.#kafka = kafka
    this.#options = options
    this.#say = say
  }

  /** Tells each run as it ends. */
  async *runs(): AsyncGenerator<Run> {
    await this.#warmBroker()
    for (const workload of this.#options.workloads) {
      const able = this.#able(workload)
      for (let round = 1; round <= this.#options.rounds; round++) {
        // Who runs first differs from round to round, so that nobody always follows the same one.
        const first = (round - 1) % Math.max(1, able.length)
        for (const subject of [...able.slice(first), ...able.slice(0, first)]) {
          const run = await this.#run(workload, subject, round)
          this.#say(sayRun(run))
          yield run
        }
      }
    }
  }

  /** One run that counts for nothing: the broker has just started. */
  async #warmBroker(): Promise<void> {
    const [workload] = this.#options.workloads
    const subject = workload && this.#able(workload)[0]
    if (workload === undefined || subject === undefined) return
    this.#say(`not counted: ${sayRun(await this.#run(workload, subject, 0))}`)
  }

  #able(workload: Workload): readonly NamedSubject[] {
    return this.#options.subjects.filter(({ engine }) =>
      engineNamed(engine).workloads.includes(workload.name),
    )
  }

  async #run(workload: Workload, subject: NamedSubject, round: number): Promise<Run> {
    const shape = this.#shapeFor(subject)
    const run = { workload: workload.name, subject: subject.name, round, records: shape.records }
    const words = [this.#kafka.prefix, workload.name, subject.name, round]
    const application = words.join('-').replaceAll(/[^\w.-]/g, '-')
    const folder = join(this.#kafka.scratch, application)
    try {
      const { problem, measured, gcShare } = await this.#measured({
        workload,
        subject,
        shape,
        application,
        folder,
      })
      const gc = gcShare === undefined ? {} : { gcShare }
      return { ...run, ...measured, ...gc, ...(problem === undefined ? {} : { problem }) }
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      return { ...run, problem: reason.slice(0, reasonChars) }
    } finally {
      await this.#kafka.deleteTopics(application)
      rmSync(folder, { recursive: true, force: true })
    }
  }

  async #measured(turn: Turn): Promise<{
    readonly measured: Measured
    readonly gcShare: number | undefined
    readonly problem: string | undefined
  }> {
    const { workload, shape, application, folder } = turn
    const { partitions } = this.#options
    const output = `${application}-output`
    const inputs = await this.#inputs(workload, shape)
    await this.#kafka.createTopic(output, partitions)
    const progress = new Progress(this.#kafka.client.admin, this.#kafka.wire, {
      group: application,
      partitions,
      counted: inputs.counted,
      records: inputs.records,
      output,
      producers: turn.subject.threads * turn.subject.processes,
    })
    const subject = await this.#start(turn, inputs, output)
    try {
      const measured = await measure(subject, {
        records: inputs.records,
        progress,
        brokerPid: this.#kafka.brokerPid,
        runMsMax,
      })
      const paused = gcSeconds(join(folder, 'gc'))
      const expectation = workload.expectation(shape, partitions)
      const problem = await verify(this.#kafka.client, output, partitions, expectation)
      return { measured, gcShare: paused && paused / measured.wallSeconds, problem }
    } finally {
      await progress.close()
      await subject.kill()
    }
  }

  async #start(turn: Turn, inputs: Inputs, output: string): Promise<SubjectProcess> {
    const { subject, workload, application, folder } = turn
    const prepared = await this.#engine(subject.engine)
    const gcDirectory = join(folder, 'gc')
    const { processes } = subject
    const commands = Array.from({ length: processes }, (_, index) => {
      const stateDirectory = join(folder, `state-${index}`)
      for (const made of [stateDirectory, gcDirectory]) mkdirSync(made, { recursive: true })
      return prepared.command({
        part: { index, of: processes },
        workload: workload.name,
        brokers: this.#kafka.brokers,
        application,
        inputs: inputs.topics,
        output,
        partitions: this.#options.partitions,
        commitMs: this.#options.commitMs,
        threads: subject.threads,
        store: subject.store ?? engineNamed(subject.engine).stores[0] ?? 'none',
        settings: subject.settings,
        stateDirectory,
        gcDirectory,
      })
    })
    return SubjectProcess.start(sideBySide(commands))
  }

  async #inputs(workload: Workload, shape: LoadShape): Promise<Inputs> {
    const inputs = workload.inputs(shape)
    const topics: Record<string, string> = {}
    for (const { role, content, size, records } of inputs) {
      const topic = `${this.#kafka.prefix}-input-${content}-${size}`
      topics[role] = topic
      if (this.#filled.has(topic)) continue
      this.#say(`writing ${size} records of ${content}`)
      await this.#kafka.createTopic(topic, this.#options.partitions)
      await fill(this.#kafka.wire, topic, this.#options.partitions, records())
      this.#filled.set(topic, content)
    }
    const counted = inputs.filter((input) => input.counted)
    return {
      topics,
      counted: counted.map(({ role }) => topics[role] ?? ''),
      records: counted.reduce((sum, { size }) => sum + size, 0),
    }
  }

  async #engine(name: string): Promise<Prepared> {
    const known = this.#prepared.get(name)
    if (known !== undefined) return known
    const { brokers, scratch } = this.#kafka
    const prepared = await engineNamed(name).prepare({ brokers, scratch, say: this.#say })
    this.#prepared.set(name, prepared)
    return prepared
  }

  #shapeFor({ engine }: NamedSubject): LoadShape {
    const { shape, slowRecords } = this.#options
    const isSlow = engineNamed(engine).isSlow === true
    return isSlow ? { ...shape, records: Math.min(slowRecords, shape.records) } : shape
  }
}

interface Turn {
  readonly workload: Workload
  readonly subject: NamedSubject
  readonly shape: LoadShape
  readonly application: string
  readonly folder: string
}

interface Inputs {
  readonly topics: Readonly<Record<string, string>>
  readonly counted: readonly string[]
  readonly records: number
}

function sayRun(run: Run): string {
  const { workload, round, subject, problem, recordsPerSecond, cpuPerMillionAfterStart } = run
  const rate = `${((recordsPerSecond ?? Number.NaN) / 1_000).toFixed(1)} k/s`
  const cpu = `${(cpuPerMillionAfterStart ?? Number.NaN).toFixed(2)} CPU s per M`
  const wrong = problem === undefined ? '' : `, WRONG: ${problem}`
  return `${workload}, round ${round}: ${subject} ${rate}, ${cpu}${wrong}`
}
