/**
 * Reads the topics of global tables: to their end before the worker joins the group, and on as long
 * as it runs. No group has part in it: each worker reads all partitions for itself. What is kept in
 * files has the positions beside it, in the note of which topic it was read from.
 */
import { topicMark } from '../checkpoint/position-tag.ts'
import type { Settings } from '../config/option-table.ts'
import type { Env, Logger } from '../env/port.ts'
import type { FetchedBatches, Fetcher, FetchProblem, KafkaClient } from '../kafka/client/port.ts'
import { StreamError } from '../model/errors.ts'
import { partitionName, type TopicPartition } from '../model/ids.ts'
import type { Plan } from '../plan/plan.ts'
import { isKept } from '../state/spec.ts'
import { FlushBehind } from '../task/flush-behind.ts'
import { GlobalStores } from '../task/global-stores.ts'
import { KeptStores } from '../task/kept-stores.ts'
import { positionsIn, positionsNote } from './global-positions.ts'
import type { TaskState, TaskStates } from './task-directories.ts'
import type { PartitionCounts } from './topics.ts'

export interface GlobalTablesParts {
  readonly env: Env
  readonly logger: Logger
  readonly settings: Settings
  readonly plan: Plan
  readonly counts: PartitionCounts
  readonly client: KafkaClient
  /** Where the tables are kept; undefined: in memory alone. */
  readonly state: TaskState | undefined
  readonly onFailed: (error: Error) => void
}

/** One table's topic, and how far each of its partitions has been read. */
interface Reading {
  readonly store: string
  readonly topic: string
  readonly mark: string | null
  readonly positions: number[]
}

/** Bytes between two turns for other work. */
const bytesPerTurn = 1_048_576
/** Changes of a slice of a flush. */
const changesPerTurn = 512

export class GlobalTables {
  readonly stores: GlobalStores
  readonly #parts: GlobalTablesParts
  readonly #fetcher: Fetcher
  readonly #flush: FlushBehind | undefined
  readonly #end = new AbortController()
  #readings: readonly Reading[] = []
  #following: Promise<unknown> = Promise.resolve()

  constructor(parts: GlobalTablesParts) {
    const { client, plan, settings, state } = parts
    this.#parts = parts
    this.#fetcher = client.fetcher({
      isolation: 'read_committed',
      waitMs: 500,
      bytesMin: 1,
      bytesMax: settings.restoreBytesMax,
      partitionBytesMax: settings.restoreBytesMax,
      bufferBytesMax: settings.restoreBytesMax,
      lane: 'restore',
    })
    const kept = state && new KeptStores(state.backend, settings.stateBackend)
    this.stores = new GlobalStores(plan, kept)
    if (state === undefined) return
    const below = this.stores.all.filter(({ spec }) => isKept(spec, settings.stateBackend))
    this.#flush = new FlushBehind(state.backend, below)
  }

  /** Resolves when all tables have what was in their topics, or it was told that they cannot. */
  async ready(): Promise<void> {
    try {
      await this.#readToEnd()
    } catch (error) {
      this.#parts.onFailed(error instanceof Error ? error : new Error(String(error)))
    }
  }

  async #readToEnd(): Promise<void> {
    const { env, logger } = this.#parts
    const begun = env.clock.monotonic()
    this.#readings = await this.#begin()
    const partitions = this.#readings.flatMap(partitionsOf)
    const ends = await this.#parts.client.admin.listOffsets(partitions, 'latest', 'read_committed')
    const isBehind = () =>
      this.#readings.some(({ topic, positions }) =>
        positions.some(
          (at, partition) => at < (ends.get(partitionName({ topic, partition })) ?? 0),
        ),
      )
    while (isBehind() && !this.#end.signal.aborted) {
      if (!this.#take()) await this.#fetcher.wait(this.#end.signal)
      else await env.timers.yield()
    }
    const ms = Math.round(env.clock.monotonic() - begun)
    logger.info({ tables: this.#readings.map(({ store }) => store), ms }, 'global tables are read')
    this.#following = Promise.all([this.#follow(), this.#flushNowAndThen()])
  }

  async close(): Promise<void> {
    this.#end.abort()
    await this.#fetcher.close()
    await this.#following
    if (this.#flush === undefined) return
    this.#flush.last()
    this.#note(this.#positions())
    this.#parts.state?.backend.close()
  }

  async #begin(): Promise<readonly Reading[]> {
    const { plan, counts, client } = this.#parts
    const tables = plan.globalTables.map(({ name, sourceTopic: topic = name }) => ({ name, topic }))
    const topics = await client.admin.describeTopics(tables.map(({ topic }) => topic))
    const readings = tables.map(({ name: store, topic }): Reading => {
      const id = topics.get(topic)?.topicId ?? null
      const positions = Array.from({ length: counts.get(topic) ?? 0 }, () => 0)
      return { store, topic, mark: id === null ? null : topicMark(id), positions }
    })
    const partitions = readings.flatMap(partitionsOf)
    const [starts, ends] = await Promise.all([
      client.admin.listOffsets(partitions, 'earliest', 'read_uncommitted'),
      client.admin.listOffsets(partitions, 'latest', 'read_uncommitted'),
    ])
    for (const reading of readings) this.#resume(reading, starts, ends)
    // Two tables of one topic read it from where the one that is behind has come to.
    const from = new Map<string, number>()
    for (const { topic, positions } of readings) {
      positions.forEach((offset, partition) => {
        const name = partitionName({ topic, partition })
        from.set(name, Math.min(from.get(name) ?? offset, offset))
      })
    }
    for (const one of partitions) this.#fetcher.assign(one, from.get(partitionName(one)) ?? 0)
    return readings
  }

  /** Goes on from where the files are, if they are of this topic and the topic has what follows. */
  #resume(
    reading: Reading,
    starts: ReadonlyMap<string, number>,
    ends: ReadonlyMap<string, number>,
  ): void {
    const { state, logger } = this.#parts
    const { store, topic, mark, positions } = reading
    const first = positions.map(
      (_, partition) => starts.get(partitionName({ topic, partition })) ?? 0,
    )
    const kept = positionsIn(state?.changelogMark(store), mark, positions.length)
    const fits = kept?.every((offset, partition) => {
      const end = ends.get(partitionName({ topic, partition })) ?? 0
      return offset >= (first[partition] ?? 0) && offset <= end
    })
    // The note is written behind the files: where it is ahead, they have lost something.
    const stored = state?.backend.offset(store) ?? -1
    const whole = kept !== undefined && stored >= kept.reduce((a, b) => a + b, 0)
    const from = whole && fits === true ? kept : first
    from.forEach((offset, partition) => (positions[partition] = offset))
    if (from === kept || state === undefined) return
    if (stored >= 0) {
      logger.warn({ store, topic }, 'a global table is read again from the beginning')
    }
    state.backend.clear(store)
  }

  /** False where nothing was there. */
  #take(): boolean {
    const fetched = this.#fetcher.poll(bytesPerTurn)
    for (const one of fetched) this.#takeOf(one)
    for (const { problem, ...partition } of this.#fetcher.problems()) {
      throw this.#unreadable(partition, problem)
    }
    return fetched.length > 0
  }

  #takeOf({ topic, partition, batches, nextOffset }: FetchedBatches): void {
    for (const reading of this.#readings) {
      if (reading.topic !== topic) continue
      reading.positions[partition] = nextOffset
      this.stores.take(
        reading.store,
        batches,
        reading.positions.reduce((a, b) => a + b, 0),
      )
    }
  }

  async #follow(): Promise<void> {
    const { env, onFailed } = this.#parts
    try {
      while (!this.#end.signal.aborted) {
        if (this.#take()) await env.timers.yield()
        else await this.#fetcher.wait(this.#end.signal)
      }
    } catch (error) {
      onFailed(error instanceof Error ? error : new Error(String(error)))
    }
  }

  async #flushNowAndThen(): Promise<void> {
    const { env, settings, onFailed } = this.#parts
    const flush = this.#flush
    if (flush === undefined) return
    try {
      for (;;) {
        await env.timers.sleep(settings.stateFlushInterval, this.#end.signal)
        if (this.#end.signal.aborted) return
        flush.want()
        flush.settled()
        const taken = this.#positions()
        while (flush.busy) {
          flush.write(changesPerTurn)
          await env.timers.yield()
        }
        this.#note(taken)
      }
    } catch (error) {
      onFailed(error instanceof Error ? error : new Error(String(error)))
    }
  }

  #positions(): readonly (readonly number[])[] {
    return this.#readings.map(({ positions }) => positions.slice())
  }

  /** Behind the files, never before them: what is read twice comes to the same. */
  #note(positions: readonly (readonly number[])[]): void {
    this.#readings.forEach(({ store, mark }, at) => {
      if (mark === null) return
      this.#parts.state?.noteChangelog(store, positionsNote(mark, positions[at] ?? []))
    })
  }

  #unreadable({ topic, partition }: TopicPartition, problem: FetchProblem): StreamError {
    return new StreamError(
      'CHANGELOG_UNREADABLE',
      `the topic ${topic} of a global table cannot be read on: ${problem.kind}`,
      {
        domain: 'external',
        recovery: 'fatal',
        where: { topic, partition },
        cause: problem.kind === 'failed' ? problem.error : undefined,
      },
    )
  }
}

/** Undefined where the topology has none. */
export function openGlobalTables(
  parts: Omit<GlobalTablesParts, 'state' | 'logger' | 'onFailed'> & {
    readonly states?: TaskStates | undefined
  },
  logger: Logger,
  onFailed: (error: Error) => void,
): GlobalTables | undefined {
  const { plan, settings, states } = parts
  if (plan.globalTables.length === 0) return undefined
  const keeps = plan.globalTables.some((store) => isKept(store, settings.stateBackend))
  const state = keeps ? states?.open('global') : undefined
  return new GlobalTables({ ...parts, state, logger, onFailed })
}

function partitionsOf({ topic, positions }: Reading): readonly TopicPartition[] {
  return positions.map((_, partition) => ({ topic, partition }))
}
