import { assert } from '../model/errors.ts'
import type { Epoch, TaskId, TopicPartition } from '../model/ids.ts'
import type { RecordBatch } from '../model/record.ts'
import type { Timed } from '../operators/timed.ts'
import type { NodeCounters, NodeLosses, TaskCounters } from '../operators/counters.ts'
import type { TaskTurn } from '../operators/turn.ts'
import type { StoreStatus, StoreView } from '../state/store-view.ts'
import { decodeTimes, encodeTimes, noTimes } from '../time/position-metadata.ts'
import type { TaskTime } from '../time/task-time.ts'
import { noTime } from '../time/watermark-record.ts'
import type { RunningTask } from './create-task.ts'
import type { InputQueue } from './input-queue.ts'
import type { TimedStep } from './chain.ts'
import { follow } from './life-cycle.ts'
import type { PurgePoint, RestoreNeed, TaskPhase, TaskPosition } from './port.ts'
import { evictionSteps, type TaskStores } from './task-stores.ts'
import type { WatermarkAnnouncer } from './watermark-announcer.ts'

interface TaskParts {
  readonly id: TaskId
  readonly counters: TaskCounters
  readonly nodes: readonly NodeCounters[]
  readonly turn: TaskTurn
  readonly inputs: readonly InputQueue[]
  readonly time: TaskTime
  readonly stores: TaskStores
  readonly timed: readonly TimedStep[]
  readonly announcer: WatermarkAnnouncer
}

/** One partition's turn: input queues → operators → output and stores. */
export class PipelineTask implements RunningTask {
  readonly id: TaskId
  readonly inputs: readonly TopicPartition[]
  readonly counters: TaskCounters
  readonly #queues: readonly InputQueue[]
  readonly #single: InputQueue | undefined
  readonly #time: TaskTime
  readonly #stores: TaskStores
  readonly #allTimed: readonly TimedStep[]
  /** Those that learn of the watermark between records; the others do at a cut. */
  readonly #timed: readonly Timed[]
  readonly #timedAtCut: boolean
  /** Those that look at the machine's clock. */
  readonly #ticking: readonly Timed[]
  readonly #turn: TaskTurn
  readonly #nodes: readonly NodeCounters[]
  /** The watermark that `#timed` know. */
  #told = noTime
  /** The watermark of the last cut. */
  #cutWatermark = noTime
  readonly #announcer: WatermarkAnnouncer
  /** Until which timestamp the queue that `#lowest` answered stays the lowest. */
  #lowestUntil = noTime
  /** Positions that the last cut told, by input. */
  readonly #cutPositions: number[]
  #phase: TaskPhase = 'created'

  constructor(parts: TaskParts) {
    this.id = parts.id
    this.counters = parts.counters
    this.inputs = parts.inputs.map(({ input }) => input)
    this.#queues = parts.inputs
    this.#single = parts.inputs.length === 1 ? parts.inputs[0] : undefined
    this.#time = parts.time
    this.#stores = parts.stores
    this.#allTimed = parts.timed
    this.#turn = parts.turn
    this.#nodes = parts.nodes
    this.#timed = parts.timed.filter(({ atCut }) => !atCut).map(({ step }) => step)
    this.#ticking = parts.timed.map(({ step }) => step).filter((step) => 'tick' in step)
    this.#timedAtCut = parts.timed.some(({ atCut }) => atCut)
    this.#announcer = parts.announcer
    this.#cutPositions = parts.inputs.map(() => 0)
  }

  get phase(): TaskPhase {
    return this.#phase
  }

  get watermark(): number | undefined {
    return known(this.#time.watermark)
  }

  get streamTime(): number | undefined {
    return known(this.#time.streamTime)
  }

  get dirty(): boolean {
    if (this.#phase !== 'running') return false
    if (this.#moved() || this.#stores.dirty || this.#announcer.due(this.#time)) return true
    if (this.#allTimed.some(({ step }) => step.acted === true)) return true
    return this.#timedAtCut && this.#time.watermark > this.#cutWatermark
  }

  get commitAsked(): boolean {
    return this.#turn.commitAsked
  }

  restoreNeeds(positions: readonly TaskPosition[]): readonly RestoreNeed[] {
    this.#phase = follow(this.#phase, 'restoring')
    return this.#stores.restoreNeeds(positions, committedWatermark(positions))
  }

  restore(store: string, batches: readonly RecordBatch[], nextOffset: number): void {
    assert(this.#phase === 'restoring', 'a task is restored while it is restoring')
    this.#stores.restore(store, batches, nextOffset)
  }

  clear(store: string): void {
    this.#stores.clear(store)
  }

  follow(positions: readonly TaskPosition[]): void {
    assert(this.#phase === 'restoring', 'a task follows its owner while it is restoring')
    this.#stores.follow(positions, committedWatermark(positions))
  }

  start(positions: readonly TaskPosition[], wallMs: number): void {
    this.#phase = follow(this.#phase, 'running')
    this.#queues.forEach((queue, index) => {
      const { topic, partition } = queue.input
      const position = positions.find(
        (candidate) => candidate.topic === topic && candidate.partition === partition,
      )
      assert(position !== undefined, `task ${this.id} starts with a position for ${topic}`)
      queue.reset(position.offset, position.leaderEpoch)
      this.#cutPositions[index] = position.offset
      const times = decodeTimes(position.metadata)
      if (times === undefined) this.counters.metadataIgnored += 1
      queue.time.restore(times ?? noTimes)
    })
    this.#time.restart(committedWatermark(positions))
    this.#told = this.#time.watermark
    this.#cutWatermark = this.#told
    this.#stores.start(this.#told)
    this.#announcer.restore(this.#time)
    this.#turn.wallMs = wallMs
    this.#turn.commitAsked = false
    const streamTimeOf = (topic: string) =>
      this.#queues.find(({ input }) => input.topic === topic)?.time.streamTime ?? noTime
    for (const { step } of this.#allTimed) step.restart?.(this.#told, wallMs, streamTimeOf)
  }

  offer(
    input: TopicPartition,
    batches: readonly RecordBatch[],
    nextOffset: number,
    nextLeaderEpoch: number,
  ): void {
    this.#queue(input).offer(batches, nextOffset, nextLeaderEpoch)
  }

  seeEnd(input: TopicPartition, endOffset: number): void {
    this.#queue(input).seeEnd(endOffset)
  }

  queuedBytes(input: TopicPartition): number {
    return this.#queue(input).queuedBytes
  }

  process(recordsMax: number, wallMs: number): number {
    this.#turn.wallMs = wallMs
    let done = 0
    const single = this.#single
    const timed = this.#timed.length > 0
    if (single !== undefined) {
      while (done < recordsMax && single.hasHead()) {
        if (timed) this.#tellTime()
        single.process()
        done += 1
      }
    } else {
      while (done < recordsMax) {
        const queue = this.#lowest()
        if (queue === undefined) break
        // The others stay as they are: it goes on as long as it is the lowest.
        const last = this.#lowestUntil
        do {
          if (timed) this.#tellTime()
          queue.process()
          done += 1
        } while (done < recordsMax && queue.hasHead() && queue.slot.timestamp <= last)
      }
    }
    this.counters.processed += done
    return done
  }

  advance(wallMs: number): void {
    for (const queue of this.#queues) queue.time.look(queue.drained, wallMs)
    this.#turn.wallMs = wallMs
    if (this.#allTimed.length === 0 || this.#phase !== 'running') return
    if (this.#timed.length > 0) this.#tellTime()
    for (let index = 0; index < this.#ticking.length; index += 1) {
      this.#ticking[index]?.tick?.(wallMs)
    }
  }

  cut(epoch: Epoch): readonly TaskPosition[] {
    assert(this.#phase === 'running', 'only a running task is cut')
    const { watermark } = this.#time
    this.#told = watermark
    this.#cutWatermark = watermark
    this.#turn.commitAsked = false
    for (const { step, stores } of this.#allTimed) {
      if (stores.length === 0) step.advance(watermark)
      if (step.acted === true) step.acted = false
    }
    this.#stores.cut(epoch, watermark)
    this.#announcer.announce(this.#time)
    const positions = this.#queues.map((queue, index) => {
      const offset = queue.position
      this.#cutPositions[index] = offset
      const metadata = encodeTimes(queue.time.times(watermark))
      return { ...queue.input, offset, leaderEpoch: queue.leaderEpoch, metadata }
    })
    this.#stores.reached(epoch, positions)
    return positions
  }

  committed(epoch: Epoch, ends: ReadonlyMap<string, number>): void {
    this.#stores.committed(epoch, ends)
  }

  rollback(): void {
    if (this.#phase === 'running') this.#phase = follow(this.#phase, 'suspended')
    this.#stores.rollback()
    for (const queue of this.#queues) queue.reset(0, -1)
  }

  wantFlush(): void {
    this.#stores.wantFlush()
  }

  writeFlush(changesMax: number): boolean {
    return this.#stores.writeFlush(changesMax)
  }

  get cachedBytes(): number {
    return this.#stores.cachedBytes
  }

  evict(share: number): void {
    this.#stores.evict(share)
    if (this.#phase === 'restoring') this.#stores.evictNow(Number.POSITIVE_INFINITY)
    // Nothing was processed since the last commit, and nothing may be for long.
    else if (!this.#moved() && !this.#stores.unsettled) this.#stores.evictNow(evictionSteps)
  }

  close(): void {
    this.#phase = follow(this.#phase, 'closed')
    this.#stores.close()
  }

  losses(): readonly NodeLosses[] {
    return this.#nodes.map((node) => node.picture()).filter((losses) => losses !== undefined)
  }

  raiseWatermark(toMs: number): void {
    for (const queue of this.#queues) queue.time.raise(toMs)
  }

  purgeable(): readonly PurgePoint[] {
    return this.#stores.purgeable()
  }

  storeStatus(): readonly StoreStatus[] {
    return this.#stores.status()
  }

  store(name: string): StoreView {
    return this.#stores.view(name)
  }

  /** Between two records, so that all that a watermark causes comes before it. */
  #tellTime(): void {
    const { watermark } = this.#time
    if (watermark <= this.#told) return
    this.#told = watermark
    for (let index = 0; index < this.#timed.length; index += 1) {
      this.#timed[index]?.advance(watermark)
    }
  }

  #moved(): boolean {
    for (let index = 0; index < this.#queues.length; index += 1) {
      if (this.#queues[index]?.position !== this.#cutPositions[index]) return true
    }
    return false
  }

  /**
   * The queue whose head has the lowest timestamp; none while an input may have an earlier record
   * that is not here yet (KIP-695): one that is known to have unread records, or whose end nobody
   * has told. Of equal timestamps the first input's is the lowest.
   */
  #lowest(): InputQueue | undefined {
    let lowest: InputQueue | undefined
    let until = Number.POSITIVE_INFINITY
    for (const queue of this.#queues) {
      if (queue.hasHead()) {
        const { timestamp } = queue.slot
        if (lowest === undefined || timestamp < lowest.slot.timestamp) {
          // It comes behind those before it in the list at the same time. These are whole numbers.
          if (lowest !== undefined) until = Math.min(until, lowest.slot.timestamp) - 1
          lowest = queue
        } else until = Math.min(until, timestamp)
      } else if (!queue.drained) return undefined
    }
    this.#lowestUntil = until
    return lowest
  }

  #queue({ topic, partition }: TopicPartition): InputQueue {
    const queue = this.#queues.find(
      ({ input }) => input.topic === topic && input.partition === partition,
    )
    assert(queue !== undefined, `task ${this.id} reads ${topic}-${partition}`)
    return queue
  }
}

function committedWatermark(positions: readonly TaskPosition[]): number {
  const told = positions.map(({ metadata }) => decodeTimes(metadata)?.taskWatermark ?? noTime)
  return Math.max(noTime, ...told)
}

function known(timeMs: number): number | undefined {
  return timeMs === noTime ? undefined : timeMs
}
