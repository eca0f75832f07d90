/**
 * Each task that reads one topic, run once more without a cluster: over the committed input up to
 * the committed position. What its stores hold then is what their changelogs have to say at that
 * moment, for positions and changelogs move in one transaction.
 */
import type { Cluster } from '../../kafka/broker/cluster.ts'
import { epoch, partitionName } from '../../model/ids.ts'
import type { Plan, SubTopology } from '../../plan/plan.ts'
import { createTask, type RunningTask } from '../../task/create-task.ts'
import { MemoryOutput } from '../driver/memory-output.ts'
import { batchOf } from '../driver/record-log.ts'
import type { Changelogs } from './changelogs.ts'
import type { Finding } from './checks.ts'
import { committedOf } from './committed-log.ts'
import { rowsOf, rowsProblem } from './store-checks.ts'

interface Replayed {
  readonly task: RunningTask
  readonly sub: SubTopology
  readonly topic: string
  readonly partition: number
  /** Committed input up to here is in the task. */
  position: number
  epochs: number
  /** The position that was compared last. */
  compared: number
  /** Records were purged before they could be read here. */
  blind: boolean
}

export class Replay {
  readonly #plan: Plan
  readonly #cluster: Cluster
  readonly #changelogs: Changelogs
  readonly #tasks = new Map<string, Replayed>()

  constructor(plan: Plan, cluster: Cluster, changelogs: Changelogs) {
    this.#plan = plan
    this.#cluster = cluster
    this.#changelogs = changelogs
  }

  /** Goes on to the committed positions, and compares where nothing is open. */
  look(): readonly Finding[] {
    return this.#plan.subTopologies.flatMap((sub) => {
      const [topic, ...others] = sub.sourceTopics
      if (topic === undefined || others.length > 0 || sub.stores.length === 0) return []
      const { partitions } = this.#cluster.topics.get(topic) ?? { partitions: [] }
      return partitions.flatMap((_, partition) => this.#one(sub, topic, partition))
    })
  }

  #one(sub: SubTopology, topic: string, partition: number): readonly Finding[] {
    const replayed = this.#task(sub, topic, partition)
    const offsets = this.#cluster.groups.get(this.#plan.application)?.offsets
    const committed = offsets?.get(topic, partition)?.offset
    if (committed === undefined || replayed.blind) return []
    this.#goOn(replayed, committed)
    if (offsets?.isUnstable(topic, partition) !== false || replayed.blind) return []
    if (replayed.compared === committed) return []
    replayed.compared = committed
    return sub.stores.flatMap((store) => {
      const changelog = this.#changelogs.of(store, partition)
      const end = changelog?.log.endOffset ?? 0
      // While a transaction is open there, positions may be ahead of it.
      if (changelog?.isSettled(end) !== true) return []
      const problem = rowsProblem(store, rowsOf(replayed.task.store(store.name)), changelog, end)
      if (problem === undefined) return []
      const where = `at ${partitionName({ topic, partition })} ${committed}`
      const message = `the fold of committed input ${where} in store ${store.name} ${problem}`
      return [{ check: 'state-is-fold', message }]
    })
  }

  #goOn(replayed: Replayed, committed: number): void {
    const { task, topic, partition, position } = replayed
    const log = this.#cluster.topics.get(topic)?.partitions[partition]?.log
    if (log === undefined || committed <= position) return
    replayed.blind = log.startOffset > position
    const records = committedOf(log, position).filter(({ offset }) => offset < committed)
    const [input] = task.inputs
    if (input !== undefined) task.offer(input, [batchOf(records, position)], committed, 0)
    task.process(Number.MAX_SAFE_INTEGER, 0)
    // What waits for time does its part at a cut.
    const cut = epoch(++replayed.epochs)
    task.cut(cut)
    task.committed(cut, new Map())
    replayed.position = committed
  }

  #task(sub: SubTopology, topic: string, partition: number): Replayed {
    const name = `${sub.index}_${partition}`
    const known = this.#tasks.get(name)
    if (known !== undefined) return known
    const partitionsOf = (topic: string) => this.#cluster.topics.get(topic)?.partitions.length ?? 1
    const output = new MemoryOutput(partitionsOf)
    const task = createTask({ plan: this.#plan, subTopology: sub, partition, output })
    const positions = task.inputs.map((input) => {
      return { ...input, offset: 0, leaderEpoch: 0, metadata: '' }
    })
    task.restoreNeeds(positions)
    task.start(positions, 0)
    const replayed = {
      task,
      sub,
      topic,
      partition,
      position: 0,
      epochs: 0,
      compared: 0,
      blind: false,
    }
    this.#tasks.set(name, replayed)
    return replayed
  }
}
