/** One place where a worker runs: a process in it may die and start again, with what it kept. */
import { batchCompression } from '../../adapters/compression/index.ts'
import type { Settings } from '../../config/option-table.ts'
import { connectKafka } from '../../kafka/client/connect.ts'
import { isStreamError } from '../../model/errors.ts'
import type { Plan } from '../../plan/plan.ts'
import { prepareTopics } from '../../worker/topics.ts'
import { Worker } from '../../worker/worker.ts'
import { SimulatedDisk } from './disk.ts'
import type { Fault } from './fault-kinds.ts'
import type { Pause } from './fates.ts'
import type { Network } from './network.ts'
import { SimulatedProcess } from './process.ts'
import { SimulatedWire } from './simulated-wire.ts'

/** How one start of the worker ended, where it did so by itself. */
export interface WorkerEnd {
  readonly worker: string
  readonly atMs: number
  /** Undefined after a clean stop. */
  readonly error: Error | undefined
  readonly startedMs: number
  /** How often the group gave it tasks; undefined where it ended before it had begun to work. */
  readonly rebalances: number | undefined
}

export interface SimulatedWorkerParts {
  readonly network: Network
  readonly plan: Plan
  readonly settings: Settings
  readonly name: string
  readonly onEnded: (end: WorkerEnd) => void
  /** It stands still, and all others are to start again. */
  readonly onAlone: (worker: string) => void
}

/** Phases of the epoch protocol that few runs come through. */
const recoveries: ReadonlySet<string> = new Set(['initialising', 'comparing', 'rolling-back'])

interface Life {
  readonly startedMs: number
  readonly process: SimulatedProcess
  readonly wire: SimulatedWire
  worker: Worker | undefined
}

export class SimulatedWorker {
  readonly name: string
  readonly disk = new SimulatedDisk()
  readonly #parts: SimulatedWorkerParts
  #life: Life | undefined
  #starts = 0

  constructor(parts: SimulatedWorkerParts) {
    this.name = parts.name
    this.#parts = parts
  }

  get process(): SimulatedProcess | undefined {
    return this.#life?.process
  }

  get worker(): Worker | undefined {
    return this.#life?.worker
  }

  get wire(): SimulatedWire | undefined {
    return this.#life?.wire
  }

  get isUp(): boolean {
    return this.#life !== undefined
  }

  start(): void {
    if (this.#life !== undefined) return
    const { network } = this.#parts
    const process = new SimulatedProcess(network.scheduler, this.name, ++this.#starts)
    const wire: SimulatedWire = new SimulatedWire(network, process, {
      crash: () => this.kill(),
      pause: (pause) => this.#pause(process, pause),
      recovers: () => recoveries.has(life.worker?.view().checkpoint ?? ''),
    })
    const life: Life = { startedMs: this.#nowMs, process, wire, worker: undefined }
    this.#life = life
    this.#run(life).then(
      () => this.#ended(life, undefined),
      (error: Error) => this.#ended(life, error),
    )
  }

  /** Nothing of it runs again; what it has sent is on its way. */
  kill(): void {
    const life = this.#life
    if (life === undefined) return
    this.#life = undefined
    life.process.kill()
    life.wire.sever()
    this.#tellEnd(life, undefined)
  }

  /** @param restart It will be back soon, and stays a member. */
  stop(restart: boolean): void {
    const worker = this.#life?.worker
    if (worker === undefined) this.kill()
    // What a stop ends with is what `run` ends with.
    else worker.stop({ restart }).catch(() => undefined)
  }

  async #run(life: Life): Promise<void> {
    const { plan, settings, name } = this.#parts
    const { process, wire } = life
    const { env } = process
    const requestTimeoutMs = settings.requestTimeout
    const client = await connectKafka({ wire, env, requestTimeoutMs, ...batchCompression() })
    const { replicationFactor, topicWait: waitMs } = settings
    const counts = await prepareTopics(plan, client.admin, env, { waitMs, replicationFactor })
    const processId = name.padEnd(8, '0')
    const instanceId = settings.instanceId === 'none' ? null : `${plan.application}-${processId}-0`
    const states = this.disk.mount(() => process.isAlive)
    const identity = { processId, slot: 0, instanceId, endpoint: '', onRebalanced: () => undefined }
    const worker = new Worker({ env, settings, plan, counts, client, states, ...identity })
    life.worker = worker
    try {
      await worker.run()
    } finally {
      await client.close()
    }
  }

  #ended(life: Life, error: Error | undefined): void {
    if (this.#life !== life) return
    this.#life = undefined
    life.process.kill()
    life.wire.sever()
    this.#tellEnd(life, error)
  }

  #pause(process: SimulatedProcess, { ms, suspended, alone }: Pause): void {
    const { network, name, onAlone } = this.#parts
    process.freeze(suspended)
    network.after(ms, { who: name, what: 'thaws' }, () => process.thaw())
    if (alone) onAlone(name)
  }

  #tellEnd({ startedMs, worker }: Life, error: Error | undefined): void {
    const rebalances = worker?.view().rebalances
    this.#parts.onEnded({ worker: this.name, startedMs, atMs: this.#nowMs, error, rebalances })
  }

  get #nowMs(): number {
    return this.#parts.network.scheduler.nowMs
  }
}

/**
 * Whether a worker could not help it: a start gives up where brokers do not answer, an unheard-of
 * code is nothing to go on from, and a join that the process before it sent looks like that of
 * another process when it comes after its own.
 */
export function isExcused(end: WorkerEnd, faults: readonly Fault[]): boolean {
  const { error, worker, startedMs, rebalances } = end
  if (!isStreamError(error)) return false
  const mine = faults.filter(({ who }) => who === worker)
  if (rebalances === undefined && error.domain === 'external') return true
  if (mine.some(({ kind }) => kind === 'unknown-code')) return true
  if (error.code !== 'INSTANCE_FENCED' || rebalances === 0) return false
  return mine.some(({ what, atMs }) => what.includes('JoinGroup') && atMs < startedMs)
}
