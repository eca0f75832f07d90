import { batchCompression } from '../../adapters/compression/index.ts'
import { BrokerHost } from '../../adapters/direct-wire/broker-host.ts'
import { Broker } from '../../kafka/broker/broker.ts'
import type { Cluster } from '../../kafka/broker/cluster.ts'
import { createTopic } from '../../kafka/broker/create-topic.ts'
import { planTopology } from '../../plan/plan-topology.ts'
import type { Plan } from '../../plan/plan.ts'
import type { Topology } from '../../topology/nodes.ts'
import { withTopics } from '../../topology/patterns.ts'
import { Changelogs } from './changelogs.ts'
import { checkHanging, type Finding, unread } from './checks.ts'
import { committedRecords } from './committed-log.ts'
import { type Conditions, drawConditions } from './conditions.ts'
import { Fates } from './fates.ts'
import { faultKinds } from './fault-kinds.ts'
import { Faults } from './faults.ts'
import { InputWriter } from './input-writer.ts'
import { checkLimits } from './limits.ts'
import { Network } from './network.ts'
import type { SimulatedRecord, SimulateOptions, SimulationResult } from './options.ts'
import { SimulatedProcess } from './process.ts'
import { Replay } from './replay.ts'
import { Scheduler } from './scheduler.ts'
import { Script } from './script.ts'
import { simulationFailed } from './simulation-failed.ts'
import { StoreChecks } from './store-checks.ts'
import { isExcused, SimulatedWorker, type WorkerEnd } from './simulated-worker.ts'
import { type OutsideTopics, outsideTopics } from './topic-serdes.ts'

/** Once faults have stopped, everything has to be read and committed within this time. */
const recoveryMsMax = 150_000
const recordsDefault = 150
/** Writes of a burst, on average, and the longest pause between two of them. */
const burstWrites = 8
const burstPauseMs = 12
/** Between two looks at positions, changelogs, disks, and what workers would answer. */
const lookMs = 200

/**
 * Runs a topology on a simulated cluster while everything that can go wrong does: workers of the
 * real code, brokers, network, disks and clocks in this process, on virtual time. The same seed is
 * the same run, event by event.
 *
 * It fails when a worker stops, when not all input is processed in time once faults have stopped,
 * when a transaction is left open, or a store is not what its changelog says; and when `verify`
 * throws: whether the output is right is for who knows the topology.
 *
 * @example
 * await simulate(wordCount, {
 *   seed: 7,
 *   inputs: { lines: (random) => ({ value: random() < 0.5 ? 'mill' : 'race' }) },
 *   verify: ({ inputs, outputs }) => expect(lastCounts(outputs)).toEqual(countsOf(inputs)),
 * })
 * @throws StreamError `SIMULATION_FAILED`: what was wrong, and the faults that led there
 */
export function simulate(topology: Topology, options: SimulateOptions): Promise<SimulationResult> {
  const plan = planTopology(withTopics(topology, Object.keys(options.inputs)))
  return new Simulation(plan, options).run()
}

class Simulation {
  readonly #plan: Plan
  readonly #options: SimulateOptions
  readonly #scheduler: Scheduler
  readonly #conditions: Conditions
  readonly #faults: Faults
  readonly #network: Network
  readonly #cluster: Cluster
  readonly #topics: OutsideTopics
  readonly #writer: InputWriter
  readonly #workers: readonly SimulatedWorker[]
  readonly #script: Script
  readonly #replay: Replay
  readonly #stores: StoreChecks
  readonly #clock: SimulatedProcess
  readonly #findings: Finding[] = []
  readonly #random: () => number
  #closing = false
  /** Until then those that die are long in coming back: the group ends without them. */
  #lateUntilMs = Number.NEGATIVE_INFINITY

  constructor(plan: Plan, options: SimulateOptions) {
    const { seed = 1, faults = faultKinds, without = [] } = options
    this.#plan = plan
    this.#options = options
    const scheduler = new Scheduler(seed)
    this.#scheduler = scheduler
    this.#random = scheduler.random('script')
    this.#conditions = drawConditions(scheduler, options)
    this.#faults = new Faults(scheduler, { kinds: faults, without: new Set(without) })
    // The brokers have a clock and timers of their own, which nothing stops.
    this.#clock = new SimulatedProcess(scheduler, 'brokers', 0)
    const broker = new Broker(this.#conditions.broker, batchCompression().decompress)
    this.#cluster = broker.cluster
    const host = new BrokerHost(broker, this.#clock.env)
    const { sessionTimeout, rebalanceTimeout, transactionTimeout } = this.#conditions.settings
    const timeoutsMs = [sessionTimeout, rebalanceTimeout, transactionTimeout]
    const fates = new Fates(this.#faults, scheduler.random('fates'), timeoutsMs)
    this.#network = new Network({ scheduler, host, faults: this.#faults, fates })
    this.#topics = outsideTopics(plan)
    this.#createTopics()
    this.#writer = new InputWriter(this.#cluster, scheduler.random('input'))
    this.#workers = Array.from({ length: this.#conditions.workers }, (_, i) => this.#worker(i + 1))
    const changelogs = new Changelogs(plan, broker.cluster)
    this.#replay = new Replay(plan, broker.cluster, changelogs)
    this.#stores = new StoreChecks(plan, changelogs)
    this.#script = new Script({
      network: this.#network,
      cluster: this.#cluster,
      faults: this.#faults,
      workers: this.#workers,
      application: plan.application,
      random: this.#random,
    })
  }

  async run(): Promise<SimulationResult> {
    const { minutes = 0.3 } = this.#options
    for (const worker of this.#workers) this.#later(this.#random() * 500, 'starts', worker)
    this.#faults.start()
    this.#keepWriting()
    this.#keepActing()
    this.#keepLooking()
    await this.#scheduler.until(() => this.#findings.length > 0, minutes * 60_000)
    this.#heal()
    if (this.#findings.length === 0) await this.#recover()
    if (this.#findings.length === 0) await this.#end()
    const result = this.#result()
    if (this.#findings.length === 0) this.#verify(result)
    if (this.#findings.length > 0) throw this.#failed(result)
    return result
  }

  #createTopics(): void {
    const { partitions } = this.#conditions
    const names = new Set([...this.#topics.inputs.keys(), ...this.#topics.outputs.keys()])
    for (const name of names) {
      createTopic(this.#cluster, { name, partitions, replicationFactor: -1, configs: [] })
    }
  }

  #worker(number: number): SimulatedWorker {
    const { settings } = this.#conditions
    const name = `w${number}`
    const onEnded = (end: WorkerEnd) => this.#workerEnded(end)
    const onAlone = (alone: string) => this.#killOthers(alone)
    return new SimulatedWorker({
      network: this.#network,
      plan: this.#plan,
      settings,
      name,
      onEnded,
      onAlone,
    })
  }

  /** While one stands still: those that come back know nothing of it. */
  #killOthers(alone: string): void {
    this.#lateUntilMs = this.#scheduler.nowMs + 1_000
    for (const worker of this.#workers) {
      if (worker.name === alone) continue
      const kill = { who: worker.name, what: 'dies' }
      this.#scheduler.after(this.#random() * 1_000, kill, () => worker.kill())
    }
  }

  #workerEnded(end: WorkerEnd): void {
    const { worker: name, atMs, error } = end
    const told = error === undefined ? 'ended' : `failed: ${error.message}`
    this.#scheduler.trace.add(atMs, name, told)
    if (error !== undefined && !isExcused(end, this.#faults.happened)) {
      this.#find({ check: 'worker-runs', message: `${name} stopped: ${error.message}` })
    }
    const worker = this.#workers.find((one) => one.name === name)
    if (worker === undefined) return
    this.#find(...this.#stores.disk(worker))
    if (this.#closing) return
    // Mostly somebody starts it again soon; sometimes later than its session lasts.
    const drawn = this.#random()
    const late = drawn >= 0.7 || atMs <= this.#lateUntilMs
    const delayMs = late ? drawn * 15_000 : drawn * 2_000
    this.#later(this.#faults.active ? delayMs : 100, 'starts', worker)
  }

  #later(ms: number, what: string, worker: SimulatedWorker): void {
    this.#scheduler.after(ms, { who: worker.name, what }, () => {
      if (!this.#closing) worker.start()
    })
  }

  #keepWriting(): void {
    const { minutes = 0.3, inputs, records = recordsDefault } = this.#options
    const topics = Object.keys(inputs)
    const meanMs = (minutes * 60_000 * 4) / Math.max(1, records)
    const { bursts } = this.#conditions
    const pauseMs = () => {
      const within = bursts && this.#random() < 1 - 1 / burstWrites
      if (within) return this.#random() * burstPauseMs
      return this.#random() * 2 * meanMs * (bursts ? burstWrites : 1)
    }
    const write = () => {
      if (!this.#faults.active) return
      const topic = topics[Math.floor(this.#random() * topics.length)]
      if (topic !== undefined) this.#write(topic, 1 + Math.floor(this.#random() * 7))
      this.#scheduler.after(pauseMs(), { who: 'input', what: 'write' }, write)
    }
    this.#scheduler.after(0, { who: 'input', what: 'write' }, write)
  }

  #write(topic: string, count: number): void {
    const serdes = this.#topics.inputs.get(topic)
    const generate = this.#options.inputs[topic]
    if (serdes === undefined || generate === undefined) {
      const known = [...this.#topics.inputs.keys()].join(', ')
      throw new RangeError(`inputs has ${topic}, but the topology reads ${known}`)
    }
    const nowMs = this.#clock.env.clock.now()
    const bytes = (value: unknown, of: 'key' | 'value') =>
      value === undefined || value === null ? null : serdes[of].serialize(value)
    const records = Array.from({ length: count }, () => {
      const { key, value, timestamp = nowMs } = generate(this.#random, nowMs)
      return { key: bytes(key, 'key'), value: bytes(value, 'value'), timestamp }
    })
    this.#writer.write(topic, records)
    this.#network.host.poke()
  }

  #keepActing(): void {
    const meanMs = 800 + this.#random() * 4_000
    const act = () => {
      if (!this.#faults.active) return
      this.#script.act()
      this.#scheduler.after(this.#random() * 2 * meanMs, { who: 'script', what: 'acts' }, act)
    }
    this.#scheduler.after(this.#random() * meanMs, { who: 'script', what: 'acts' }, act)
  }

  #keepLooking(): void {
    const { usesWallClock = false } = this.#options
    const look = () => {
      if (this.#closing) return
      if (!usesWallClock) this.#find(...this.#replay.look())
      for (const worker of this.#workers) {
        this.#find(...this.#stores.answers(worker))
        this.#find(...checkLimits(worker, this.#conditions.settings))
      }
      this.#checkDisks()
      this.#scheduler.after(lookMs, { who: 'checks', what: 'look' }, look)
    }
    this.#scheduler.after(lookMs, { who: 'checks', what: 'look' }, look)
  }

  #checkDisks(): void {
    for (const worker of this.#workers) this.#find(...this.#stores.disk(worker))
  }

  #heal(): void {
    this.#faults.stop()
    this.#network.heal()
    for (const { process } of this.#workers) process?.thaw()
    this.#writer.finish()
    this.#network.host.poke()
  }

  async #recover(): Promise<void> {
    let left: readonly Finding[] = []
    const endMs = this.#scheduler.nowMs + recoveryMsMax
    while (this.#scheduler.nowMs < endMs) {
      await this.#scheduler.until(() => this.#findings.length > 0, 500)
      if (this.#findings.length > 0) return
      left = this.#checkAtRest()
      if (left.length === 0) return
    }
    const late = (message: string) => `${message}, ${recoveryMsMax} ms after the last fault`
    this.#find(...left.map(({ check, message }) => ({ check, message: late(message) })))
  }

  /** What holds at last: all is read, and each store is in one task that runs. */
  #checkAtRest(): readonly Finding[] {
    const behind = unread(this.#plan, this.#cluster)
    if (behind.length > 0) return behind.map((message) => ({ check: 'progress', message }))
    return this.#stores.atRest(this.#workers)
  }

  async #end(): Promise<void> {
    this.#closing = true
    for (const worker of this.#workers) worker.stop(false)
    const stopped = () => this.#workers.every(({ isUp }) => !isUp)
    if (!(await this.#scheduler.until(stopped, 60_000))) {
      this.#find({ check: 'stops', message: 'a worker has not stopped within a minute' })
    }
    // The last markers are written behind the answers.
    await this.#scheduler.advance(1_000)
    this.#checkDisks()
    this.#find(...checkHanging(this.#plan, this.#cluster))
  }

  #verify(result: SimulationResult): void {
    try {
      this.#options.verify?.(result)
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      this.#find({ check: 'verify', message })
    }
  }

  #find(...findings: readonly Finding[]): void {
    this.#findings.push(...findings)
  }

  #result(): SimulationResult {
    const { seed, nowMs, events, trace } = this.#scheduler
    const read = (topics: OutsideTopics['inputs']) =>
      Object.fromEntries(Array.from(topics, ([name, serdes]) => [name, this.#read(name, serdes)]))
    return {
      seed,
      trace: trace.hash,
      virtualMs: nowMs,
      events,
      faults: this.#faults.happened,
      partitions: this.#conditions.partitions,
      inputs: read(this.#topics.inputs),
      outputs: read(this.#topics.outputs),
    }
  }

  #read(topic: string, { key, value }: { key: Parse; value: Parse }): readonly SimulatedRecord[] {
    const parse = (serde: Parse, bytes: Uint8Array | null) =>
      bytes === null ? null : serde.deserialize(bytes)
    return committedRecords(this.#cluster, topic).map((record) => ({
      partition: record.partition,
      offset: record.offset,
      timestamp: record.timestamp,
      key: parse(key, record.key),
      value: parse(value, record.value),
    }))
  }

  #failed(result: SimulationResult): Error {
    return simulationFailed({
      result,
      findings: this.#findings,
      events: this.#scheduler.trace.tail,
      logs: this.#workers.flatMap(({ process }) => process?.lines ?? []),
      conditions: this.#conditions,
    })
  }
}

interface Parse {
  deserialize(bytes: Uint8Array): unknown
}
