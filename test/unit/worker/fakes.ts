/** A task, a fetcher, a producer and an admin that do what a test says and note what was asked. */
import type {
  Admin,
  CommitOutcome,
  CommittedPosition,
  FetchedBatches,
  Fetcher,
  StepOutcome,
  TransactionalProducer,
} from '../../../src/kafka/client/port.ts'
import { partitionName, taskId, type TopicPartition } from '../../../src/model/ids.ts'
import { newTaskCounters } from '../../../src/operators/counters.ts'
import type { SubTopology } from '../../../src/plan/plan.ts'
import type { RunningTask } from '../../../src/task/create-task.ts'
import type { TaskPosition } from '../../../src/task/port.ts'
import type { MarkedPosition, OwnedTask } from '../../../src/worker/owned-tasks.ts'

export const subTopology: SubTopology = {
  index: 0,
  sourceTopics: ['in'],
  sinkTopics: ['out'],
  coPartitioned: [],
  stores: [],
  steps: [],
}

export class FakeTask implements RunningTask {
  readonly id
  readonly inputs: readonly TopicPartition[]
  readonly counters = newTaskCounters()
  readonly watermark = undefined
  readonly streamTime = undefined
  readonly phase = 'running'
  /** Records left to process. */
  work = 0
  queued = 0
  dirty = false
  readonly commitAsked = false
  readonly calls: string[] = []
  #onProcess: () => void

  constructor(partition: number, onProcess: () => void = () => undefined) {
    this.id = taskId(0, partition)
    this.inputs = [{ topic: 'in', partition }]
    this.#onProcess = onProcess
  }

  restoreNeeds = () => []
  purgeable = () => []
  losses = () => []
  storeStatus = () => []
  restore(): void {}
  clear(): void {}
  cachedBytes = 0
  evict(): void {}
  follow(): void {}
  wantFlush(): void {}
  writeFlush = () => false
  start(positions: readonly TaskPosition[]): void {
    this.calls.push(`start at ${positions.map(({ offset }) => offset).join()}`)
  }
  offer(_: TopicPartition, __: unknown, nextOffset: number): void {
    this.calls.push(`offer to ${nextOffset}`)
  }
  seeEnd(): void {}
  queuedBytes = () => this.queued
  process(recordsMax: number): number {
    const done = Math.min(recordsMax, this.work)
    this.work -= done
    if (done > 0) this.#onProcess()
    return done
  }
  advance(): void {}
  raiseWatermark(): void {}
  cut(number: number): readonly TaskPosition[] {
    this.calls.push(`cut ${number}`)
    this.dirty = false
    const input = this.inputs[0] ?? { topic: 'in', partition: 0 }
    return [{ ...input, offset: number * 10, leaderEpoch: -1, metadata: 'own' }]
  }
  committed(number: number, ends: ReadonlyMap<string, number>): void {
    this.calls.push(`committed ${number}${ends.size > 0 ? ' with ends' : ''}`)
  }
  rollback(): void {
    this.calls.push('rollback')
  }
  close(): void {
    this.calls.push('close')
  }
  store(): never {
    throw new Error('no stores')
  }
}

export function owned(task: FakeTask): OwnedTask {
  const abort = new AbortController()
  const restoring = { running: false, restored: 0, restoreTotal: 0, started: new Map() }
  return { id: task.id, task, state: undefined, subTopology, abort, marks: new Map(), ...restoring }
}

export function positionsOf(task: FakeTask, offset = 0, mark?: string): readonly MarkedPosition[] {
  return task.inputs.map((input) => ({ ...input, offset, leaderEpoch: -1, metadata: '', mark }))
}

export class FakeFetcher implements Fetcher {
  readonly calls: string[] = []
  readonly #note = (what: string) => (partition: TopicPartition) => {
    this.calls.push(`${what} ${partitionName(partition)}`)
  }
  assign = (partition: TopicPartition, offset: number) => {
    this.calls.push(`assign ${partitionName(partition)} at ${offset}`)
  }
  remove = this.#note('remove')
  pause = this.#note('pause')
  resume = this.#note('resume')
  poll = () => []
  wait = async () => undefined
  awaits = () => false
  endOffset = () => undefined
  problems = () => []
  close = async () => undefined
}

export function fetched(partition: number, nextOffset: number): FetchedBatches {
  const none = { batches: [], nextLeaderEpoch: 0, endOffset: nextOffset }
  return { topic: 'in', partition, nextOffset, ...none }
}

/** Outcomes are taken in order; `ok` when there is none left. */
export class FakeProducer implements TransactionalProducer {
  readonly output = {
    bytes: 0,
    records: 0,
    partitionsOf: () => 1,
    open: () => ({ append: () => undefined }),
  }
  commits: Exclude<CommitOutcome['kind'], 'ok'>[] = []
  readonly calls: string[] = []
  positions: readonly CommittedPosition[] = []

  async initialise(): Promise<StepOutcome> {
    this.calls.push('initialise')
    return { kind: 'ok' }
  }
  seal() {
    return { records: 1, bytes: 1, partitions: [{ topic: 'out', partition: 0 }] }
  }
  discard(): void {
    this.calls.push('discard')
  }
  async commit(_: unknown, positions: readonly CommittedPosition[]): Promise<CommitOutcome> {
    this.calls.push('commit')
    this.positions = positions
    const kind = this.commits.shift()
    if (kind === undefined) return { kind: 'ok', ends: new Map([['out-0', 5]]) }
    return { kind, error: new Error(kind) }
  }
  async close(): Promise<void> {}
}

/**
 * Answers are what the test puts in; what it does not is refused. Topics have no ids where it says
 * nothing of them.
 */
export function fakeAdmin(answers: Partial<Admin>): Admin {
  const refused = async () => Promise.reject(new Error('not expected'))
  return {
    describeTopics: async () => new Map(),
    topicNames: async () => [],
    topicConfigs: refused,
    createTopics: refused,
    deleteTopics: refused,
    deleteRecords: refused,
    listOffsets: refused,
    committedOffsets: refused,
    fenceProducers: refused,
    openTransactions: refused,
    groupMembers: refused,
    deleteGroup: refused,
    commitPositions: refused,
    ...answers,
  }
}
