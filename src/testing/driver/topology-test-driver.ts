import { type Duration, durationMs } from '../../model/duration.ts'
import { StreamError } from '../../model/errors.ts'
import { epoch } from '../../model/ids.ts'
import { planTopology } from '../../plan/plan-topology.ts'
import type { Plan } from '../../plan/plan.ts'
import { bytes } from '../../serde/plain.ts'
import { createTask, type RunningTask } from '../../task/create-task.ts'
import { GlobalStores } from '../../task/global-stores.ts'
import type { TaskPosition } from '../../task/port.ts'
import type { Topology } from '../../topology/nodes.ts'
import { withTopics } from '../../topology/patterns.ts'
import { MemoryOutput } from './memory-output.ts'
import { TestInput, TestOutput, type TopicSerdes } from './test-topics.ts'

export interface TopologyTestDriverOptions {
  /** Where the driver's wall clock begins, in milliseconds since 1970. @default 0 */
  readonly now?: number
  /** Topics that there are, for sources that read by a pattern. @default none */
  readonly topics?: readonly string[]
}

/** A store as a test sees it: the open epoch included. */
export interface TestStore<K, V> {
  get(key: K): V | undefined
  /** In the order of the keys' bytes. */
  entries(): readonly (readonly [key: K, value: V])[]
}

/**
 * Runs a topology in a test: no broker, no waiting, one partition for each topic, its own clock.
 * Repartition topics and changelogs are there as they will be on Kafka, so what a crash loses and
 * what comes back is what would happen there.
 *
 * @example
 * ```ts
 * const driver = new TopologyTestDriver(wordCount)
 * driver.input<string, string>('lines').send({ value: 'to be or not to be' })
 * expect(driver.output<string, number>('word-counts').readKeyValues()).toEqual([…])
 * ```
 */
export class TopologyTestDriver {
  readonly #plan: Plan
  readonly #output = new MemoryOutput()
  readonly #outputs = new Map<string, TestOutput<unknown, unknown>>()
  readonly #serdes = new Map<string, TopicSerdes<unknown, unknown>>()
  readonly #sources = new Set<string>()
  readonly #positions = new Map<string, TaskPosition>()
  readonly #committedEnds = new Map<string, number>()
  #tasks: readonly RunningTask[] = []
  #globals: GlobalStores
  #fetched = new Map<string, number>()
  #wallMs: number
  #epoch = 0

  constructor(topology: Topology, options: TopologyTestDriverOptions = {}) {
    this.#plan = planTopology(withTopics(topology, options.topics ?? []))
    this.#wallMs = options.now ?? 0
    this.#globals = new GlobalStores(this.#plan)
    this.#learnTopics()
    this.#startTasks()
  }

  /** @throws StreamError `UNKNOWN_TOPIC` for a topic that the topology does not read */
  input<K = unknown, V = unknown>(topic: string): TestInput<K, V> {
    const serdes = this.#serdesOf<K, V>(topic)
    if (serdes === undefined || !this.#sources.has(topic)) {
      throw unknownTopic(topic, [...this.#sources])
    }
    const driver = { wallMs: () => this.#wallMs, pump: () => this.#pump() }
    return new TestInput<K, V>(this.#output.open(topic, 0), serdes, driver)
  }

  /**
   * A topic that the topology writes; asked again, the same reader. Serdes are those of its sink;
   * a dead-letter topic gives bytes, unless serdes are given.
   */
  output<K = unknown, V = unknown>(topic: string, serdes?: TopicSerdes<K, V>): TestOutput<K, V> {
    const known = this.#outputs.get(topic)
    // What a test says of the types of a topic cannot be checked here.
    if (known !== undefined) return known as TestOutput<K, V>
    const chosen = serdes ?? this.#serdesOf<K, V>(topic)
    if (chosen === undefined) throw unknownTopic(topic, [...this.#serdes.keys()])
    const reader = new TestOutput<K, V>(this.#output.open(topic, 0), chosen)
    this.#outputs.set(topic, reader)
    return reader
  }

  #serdesOf<K, V>(topic: string): TopicSerdes<K, V> | undefined {
    return this.#serdes.get(topic) as TopicSerdes<K, V> | undefined
  }

  /** @throws StreamError `UNKNOWN_STORE` */
  store<K = unknown, V = unknown>(name: string): TestStore<K, V> {
    const find = () => {
      const global = this.#globals.view(name)
      if (global !== undefined) return global
      const part = this.#plan.subTopologies.find(({ stores }) =>
        stores.some((store) => store.name === name),
      )
      const task = this.#tasks[part?.index ?? 0]
      if (task === undefined) throw unknownTopic(name, [])
      return task.store(name)
    }
    find()
    return {
      get: (key) => find().get(key) as V | undefined,
      entries: () => find().entries() as readonly (readonly [K, V])[],
    }
  }

  /** Moves the wall clock: partitions become idle. */
  advanceWallClock(duration: Duration): void {
    this.#wallMs += durationMs(duration, 'the duration of advanceWallClock()')
    this.#pump()
  }

  /**
   * Raises the watermark of every source to this time, whatever its records say, and commits, since
   * watermarks cross repartition topics at the end of an epoch.
   */
  advanceWatermark(toMs: number): void {
    for (const task of this.#tasks) task.raiseWatermark(toMs)
    this.commit()
  }

  /** The lowest watermark of the topology's parts; undefined before the first. */
  get watermark(): number | undefined {
    const all = this.#tasks.map((task) => task.watermark)
    const known = all.filter((watermark) => watermark !== undefined)
    return known.length < all.length ? undefined : Math.min(...known)
  }

  /** Ends the epoch: what is emitted per commit goes out, and all since the last is committed. */
  commit(): void {
    this.#flow()
    // What a part writes at its cut is input of later parts.
    while (this.#tasks.some((task) => task.dirty)) {
      this.#commitOnce()
      this.#flow()
    }
  }

  /**
   * The process dies in the open epoch and comes back: all since the last commit is dropped, stores
   * are restored from their changelogs, and the input since then is processed again.
   */
  crash(): void {
    for (const [name, log] of this.#output.logs) {
      if (this.#sources.has(name.slice(0, name.lastIndexOf('-')))) continue
      log.truncate(this.#committedEnds.get(name) ?? 0)
    }
    for (const [topic, reader] of this.#outputs) {
      reader.rewind(this.#output.open(topic, 0).end)
    }
    this.#startTasks()
    this.#pump()
  }

  #learnTopics(): void {
    for (const { sinkTopics } of this.#plan.subTopologies) {
      for (const topic of sinkTopics) this.#serdes.set(topic, { key: bytes, value: bytes })
    }
    for (const { steps } of this.#plan.subTopologies) {
      for (const step of steps) {
        if (step.kind === 'operator') continue
        const { key, value } = step.kind === 'source' ? step.source : step.spec
        const topics = step.kind === 'source' ? step.source.topics : step.spec.topics
        for (const topic of topics) {
          this.#serdes.set(topic, { key, value })
          if (step.kind === 'source' && !step.repartition) this.#sources.add(topic)
        }
      }
    }
    for (const { key, value, name, sourceTopic: topic = name } of this.#plan.globalTables) {
      if (!this.#serdes.has(topic)) this.#sources.add(topic)
      this.#serdes.set(topic, { key, value })
    }
  }

  #startTasks(): void {
    const plan = this.#plan
    this.#fetched = new Map()
    this.#globals = new GlobalStores(plan)
    this.#readGlobals()
    const [output, globals] = [this.#output, this.#globals]
    this.#tasks = plan.subTopologies.map((subTopology) =>
      createTask({ plan, subTopology, partition: 0, output, globals }),
    )
    for (const task of this.#tasks) {
      const positions = task.inputs.map(
        (input) =>
          this.#positions.get(input.topic) ?? { ...input, offset: 0, leaderEpoch: 0, metadata: '' },
      )
      for (const need of task.restoreNeeds(positions)) {
        const log = this.#output.open(need.topic, need.partition)
        task.restore(need.store, [log.read(need.from)], log.end)
      }
      for (const { topic, offset } of positions) this.#fetched.set(topic, offset)
      task.start(positions, this.#wallMs)
    }
  }

  /** Lets records flow until nothing moves, and commits where an operator asks for it. */
  #pump(): void {
    this.#flow()
    if (this.#tasks.some((task) => task.commitAsked)) this.commit()
  }

  #flow(): void {
    for (let again = true; again; ) {
      again = false
      this.#readGlobals()
      for (const task of this.#tasks) {
        this.#fetch(task)
        if (task.process(Number.MAX_SAFE_INTEGER, this.#wallMs) > 0) again = true
        task.advance(this.#wallMs)
      }
    }
  }

  /** What is in the topic of a global table is known before anything else happens. */
  #readGlobals(): void {
    for (const { name, sourceTopic } of this.#plan.globalTables) {
      const log = this.#output.open(sourceTopic ?? name, 0)
      const from = this.#globals.of(name).nextOffset ?? 0
      if (log.end > from) this.#globals.take(name, [log.read(from)], log.end)
    }
  }

  #fetch(task: RunningTask): void {
    for (const input of task.inputs) {
      const log = this.#output.open(input.topic, 0)
      const from = this.#fetched.get(input.topic) ?? 0
      if (log.end > from) task.offer(input, [log.read(from)], log.end, 0)
      task.seeEnd(input, log.end)
      this.#fetched.set(input.topic, log.end)
    }
  }

  #commitOnce(): void {
    this.#epoch += 1
    const committing = epoch(this.#epoch)
    for (const task of this.#tasks) {
      for (const position of task.cut(committing)) this.#positions.set(position.topic, position)
    }
    for (const [name, log] of this.#output.logs) this.#committedEnds.set(name, log.end)
    for (const task of this.#tasks) task.committed(committing, this.#committedEnds)
  }
}

function unknownTopic(topic: string, known: readonly string[]): StreamError {
  return new StreamError(
    'UNKNOWN_TOPIC',
    `the topology has no topic ${topic} there; it has ${known.join(', ')}`,
    { domain: 'user', recovery: 'fatal' },
  )
}
