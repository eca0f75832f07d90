import { join } from 'node:path'
import { projectRoot } from '../../cluster/root.ts'
import { WorkerProcess } from '../../cluster/worker-process.ts'

const workersMax = 3
const progressLine = '{"progress":'
const endedBySigterm = 128 + 15

/** The workers of a chaos run. What ends by itself is remembered as a failure. */
export class Fleet {
  readonly failures: string[] = []
  readonly #members: WorkerProcess[] = []
  readonly #brokers: string
  readonly #topology: string
  readonly #directory: string
  readonly #flags: readonly string[]
  /** Those that were ended on purpose, until they are started again. */
  readonly #away = new Set<WorkerProcess>()
  /** Those that run: before, SIGTERM finds nothing to finish, and just ends the process. */
  readonly #up = new Set<WorkerProcess>()

  /** @param topology File, from the checkout. */
  constructor(brokers: string, topology: string, directory: string, flags: readonly string[]) {
    this.#brokers = brokers
    this.#topology = join(projectRoot, topology)
    this.#directory = directory
    this.#flags = flags
  }

  /** @param victim Number in [0, 1) that chooses one. */
  choose(victim: number): WorkerProcess {
    const member = this.#members[Math.floor(victim * this.#members.length)]
    if (member === undefined) throw new Error('the fleet is empty')
    return member
  }

  /** What each worker said last, with its tasks and lags. */
  get lastWords(): readonly string[] {
    return this.#members.map(
      ({ name, lastWords }) => `${name}:\n${lastWords.slice(-12).join('\n')}`,
    )
  }

  get full(): boolean {
    return this.#members.length >= workersMax
  }

  async add(): Promise<WorkerProcess> {
    const name = `worker-${this.#members.length + 1}`
    const member = new WorkerProcess({
      name,
      topology: this.#topology,
      brokers: this.#brokers,
      stateDirectory: join(this.#directory, name),
      flags: [...this.#flags, '--progress=json'],
      onLine: (line) => {
        if (line.startsWith(progressLine)) this.#up.add(member)
      },
    })
    this.#members.push(member)
    await this.start(member)
    return member
  }

  async start(member: WorkerProcess): Promise<void> {
    this.#away.delete(member)
    this.#up.delete(member)
    await member.start()
  }

  async kill(member: WorkerProcess): Promise<void> {
    this.#away.add(member)
    await member.kill()
  }

  /** A clean stop has to end with 0. */
  async stop(member: WorkerProcess): Promise<void> {
    this.#away.add(member)
    if (!member.running) return
    const up = this.#up.has(member)
    const { code } = await member.stop()
    if (code === 0 || (!up && code === endedBySigterm)) return
    this.#fail(member, `was asked to stop and ended with ${code}`)
  }

  /**
   * Starts again who ended by itself, as an orchestrator would, and remembers it: only one that
   * found no broker when it started did what it should.
   */
  async look(): Promise<void> {
    for (const member of this.#members) {
      if (member.running || this.#away.has(member)) continue
      const { code } = await member.exited
      if (!foundNoBroker(member)) this.#fail(member, `ended by itself with ${code}`)
      await this.start(member)
    }
  }

  async stopAll(): Promise<void> {
    await Promise.all(this.#members.map((member) => this.stop(member)))
  }

  #fail(member: WorkerProcess, what: string): void {
    const words = member.lastWords.filter((line) => !line.startsWith(progressLine))
    this.failures.push(`${member.name} ${what}:\n  ${words.join('\n  ')}`)
  }
}

function foundNoBroker({ lastWords }: WorkerProcess): boolean {
  return lastWords.some((line) => line.startsWith('BROKER_UNREACHABLE: connecting to Kafka'))
}
