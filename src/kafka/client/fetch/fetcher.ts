/**
 * Reads partitions from their leaders: one fetch in flight per broker, the next one sent while what
 * came before is being processed, as far as the buffer allows.
 */
import type { NodeId, TopicPartition } from '../../../model/ids.ts'
import { partitionName } from '../../../model/ids.ts'
import type { WireLane } from '../../wire.ts'
import type { ClientContext } from '../context.ts'
import type { FetchedBatches, Fetcher, FetcherOptions, FetchProblem } from '../port.ts'
import { FetchBuffer } from './buffer.ts'
import { Cursor } from './cursor.ts'
import { LeaderLookUp } from './leader-look-up.ts'
import { NodeFetch } from './node-fetch.ts'
import { Waiters } from './waiters.ts'

/** One chunk of a partition is being handed over, the next one waits. */
const chunksAheadMax = 2

export class PartitionFetcher implements Fetcher {
  readonly #context: ClientContext
  readonly #options: FetcherOptions
  readonly #lane: WireLane
  readonly #buffer: FetchBuffer
  readonly #lookUp: LeaderLookUp
  readonly #nodes = new Map<NodeId, NodeFetch>()
  readonly #cursors = new Map<string, Cursor>()
  readonly #waiters: Waiters
  /** The order in which partitions are asked for: whoever got data goes to the end. */
  #order: Cursor[] = []
  #pumpDue = false
  #cancelTimer: (() => void) | undefined
  #closed = false

  constructor(context: ClientContext, options: FetcherOptions) {
    this.#context = context
    this.#options = options
    this.#lane = context.wire.lane(options.lane)
    this.#buffer = new FetchBuffer(context.decompress)
    this.#lookUp = new LeaderLookUp(context, () => this.#changed())
    this.#waiters = new Waiters(() => this.#hasNews())
  }

  assign(partition: TopicPartition, offset: number, leaderEpoch = -1): void {
    this.remove(partition)
    const cursor = new Cursor(partition, offset, leaderEpoch)
    this.#cursors.set(partitionName(partition), cursor)
    this.#order.push(cursor)
    this.#schedulePump()
  }

  remove(partition: TopicPartition): void {
    const cursor = this.#cursors.get(partitionName(partition))
    if (cursor === undefined) return
    cursor.gone = true
    this.#cursors.delete(partitionName(partition))
    this.#order = this.#order.filter((one) => one !== cursor)
    this.#buffer.drop(cursor)
    this.#schedulePump()
  }

  pause(partition: TopicPartition): void {
    const cursor = this.#cursors.get(partitionName(partition))
    if (cursor !== undefined) cursor.paused = true
  }

  resume(partition: TopicPartition): void {
    const cursor = this.#cursors.get(partitionName(partition))
    if (cursor === undefined || !cursor.paused) return
    cursor.paused = false
    this.#changed()
  }

  poll(bytesMax: number): readonly FetchedBatches[] {
    const taken = this.#buffer.take(bytesMax)
    if (taken.length > 0) this.#schedulePump()
    return taken
  }

  wait(signal: AbortSignal): Promise<void> {
    return this.#waiters.wait(signal)
  }

  awaits(byMs: number): boolean {
    for (const { expectedAtMs } of this.#nodes.values()) if (expectedAtMs <= byMs) return true
    return false
  }

  endOffset(partition: TopicPartition): number | undefined {
    return this.#cursors.get(partitionName(partition))?.endOffset
  }

  problems(): readonly (TopicPartition & { readonly problem: FetchProblem })[] {
    const news: (TopicPartition & { readonly problem: FetchProblem })[] = []
    for (const cursor of this.#order) {
      if (!cursor.hasNews || cursor.problem === undefined) continue
      cursor.isTold = true
      const { topic, partition, problem } = cursor
      news.push({ topic, partition, problem })
    }
    return news
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#cancelTimer?.()
    for (const cursor of this.#order) cursor.gone = true
    this.#waiters.close()
    await this.#lane.close()
  }

  #hasNews(): boolean {
    return this.#buffer.isReady || this.#order.some((cursor) => cursor.hasNews)
  }

  #changed(): void {
    this.#waiters.wake()
    this.#schedulePump()
  }

  /** Many partitions are assigned in one go: the first fetch is to ask for all of them. */
  #schedulePump(): void {
    if (this.#pumpDue || this.#closed) return
    this.#pumpDue = true
    queueMicrotask(() => {
      this.#pumpDue = false
      this.#pump()
    })
  }

  /** Sends what can be sent now, and sets the timer for what has to wait. */
  #pump(): void {
    // Polling makes room and comes here again.
    if (this.#closed || this.#buffer.bytes >= this.#options.bufferBytesMax) return
    const nowMs = this.#context.env.clock.monotonic()
    let wakeAtMs = Number.POSITIVE_INFINITY
    const plans = new Map<NodeId, { readonly ask: Cursor[]; held: boolean }>()
    for (const cursor of this.#order) {
      if (cursor.inFlight || !cursor.isOpen) continue
      if (cursor.retryAtMs > nowMs) {
        wakeAtMs = Math.min(wakeAtMs, cursor.retryAtMs)
        continue
      }
      const leader = this.#context.metadata.leader(cursor)
      if (leader === undefined) {
        if (!cursor.paused) this.#lookUp.want(cursor)
        continue
      }
      const plan = plans.get(leader.node) ?? { ask: [], held: false }
      plans.set(leader.node, plan)
      if (isHeld(cursor)) plan.held = true
      else if (!cursor.paused) plan.ask.push(cursor)
    }
    for (const [node, { ask, held }] of plans) {
      const fetch = this.#nodeFetch(node)
      if (fetch.inFlight || ask.length === 0) continue
      if (fetch.retryAtMs > nowMs) wakeAtMs = Math.min(wakeAtMs, fetch.retryAtMs)
      else void this.#send(fetch, ask, held)
    }
    this.#lookUp.start(this.#order)
    this.#wakeAt(wakeAtMs, nowMs)
  }

  #nodeFetch(node: NodeId): NodeFetch {
    let fetch = this.#nodes.get(node)
    if (fetch === undefined) {
      fetch = new NodeFetch(node, this.#context, this.#lane, this.#options, this.#lookUp)
      this.#nodes.set(node, fetch)
    }
    return fetch
  }

  async #send(fetch: NodeFetch, ask: readonly Cursor[], held: boolean): Promise<void> {
    const chunks = await fetch.run(ask, held)
    if (this.#closed) return
    const served = new Set(chunks.filter((chunk) => !chunk.isDrained).map(({ cursor }) => cursor))
    for (const chunk of chunks) if (!chunk.cursor.gone) this.#buffer.add(chunk)
    this.#order = this.#order
      .filter((cursor) => !served.has(cursor))
      .concat(this.#order.filter((cursor) => served.has(cursor)))
    this.#changed()
  }

  #wakeAt(atMs: number, nowMs: number): void {
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
    if (!Number.isFinite(atMs)) return
    const { timers } = this.#context.env
    this.#cancelTimer = timers.after(Math.max(1, atMs - nowMs), () => this.#schedulePump())
  }
}

/** Left out because whoever reads is behind, and not because nobody wants it. */
function isHeld({ paused, bufferedChunks }: Cursor): boolean {
  return bufferedChunks >= chunksAheadMax || (paused && bufferedChunks > 0)
}

/** A fetcher with a lane of its own. */
export function createFetcher(context: ClientContext, options: FetcherOptions): Fetcher {
  return new PartitionFetcher(context, options)
}
