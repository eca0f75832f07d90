/** What has to hold, whatever the topology is; each check answers what is wrong. */
import type { Cluster } from '../../kafka/broker/cluster.ts'
import type { PartitionLog } from '../../kafka/broker/log/partition-log.ts'
import { partitionName, type TaskId, taskParts } from '../../model/ids.ts'
import type { Plan, SubTopology } from '../../plan/plan.ts'
import { sliceBytes } from '../../state/backend-store.ts'
import type { StoreSpec } from '../../state/spec.ts'
import { timeBytes } from '../../state/store-batch.ts'
import type { StoreQuestion, StoreRow } from '../../state/store-read.ts'
import type { StoreView } from '../../state/store-view.ts'
import { committedOf } from './committed-log.ts'
import type { SimulatedDisk, TaskFiles } from './disk.ts'
import type { SimulatedWorker } from './simulated-worker.ts'

/** What was wrong, and which check found it. */
export interface Finding {
  readonly check: string
  readonly message: string
}

/** Each key's last committed value below an offset, by the key's bytes. */
function foldOf(log: PartitionLog, until: number): Map<string, string> {
  const values = new Map<string, string>()
  for (const { key, value, offset } of committedOf(log)) {
    if (offset >= until || key === null) continue
    if (value === null) values.delete(hex(key))
    else values.set(hex(key), hex(value))
  }
  return values
}

export function changelogOf(plan: Plan, cluster: Cluster, store: StoreSpec, partition: number) {
  const topic =
    store.sourceTopic ??
    plan.internalTopics.find((one) => one.kind === 'changelog' && one.store === store.name)?.name
  return cluster.topics.get(topic ?? '')?.partitions[partition]?.log
}

/** A local store is its changelog up to the offset beside it, at every moment and after a crash. */
export function checkDisk(
  plan: Plan,
  cluster: Cluster,
  worker: string,
  disk: SimulatedDisk,
): readonly Finding[] {
  return Array.from(disk.tasks).flatMap(([task, files]) => {
    // Global tables have many topic partitions to one store, and positions of their own.
    if (task === 'global') return []
    return storesOfTask(plan, task).flatMap((store) => {
      const log = changelogOf(plan, cluster, store, taskParts(task).partition)
      const problem = log && storeProblem(store, files, log)
      if (problem === undefined) return []
      const message = `store ${store.name} of task ${task} on the disk of ${worker}: ${problem}`
      return [{ check: 'store-is-changelog', message }]
    })
  })
}

function storesOfTask(plan: Plan, task: TaskId): readonly StoreSpec[] {
  return plan.subTopologies[taskParts(task).subTopology]?.stores ?? []
}

function storeProblem(store: StoreSpec, files: TaskFiles, log: PartitionLog): string | undefined {
  const offset = files.last.get(store.name)?.nextOffset
  // Its markers may still be on their way, or what it stands on is purged: windows that are closed.
  if (offset === undefined || offset > log.lastStableOffset || log.startOffset > 0) return undefined
  const expected = foldOf(log, offset)
  const kept = files
    .entries(store.name)
    .map(([key, value]) => [hex(keyIn(store, key)), hex(value.subarray(timeBytes))] as const)
  for (const [key, value] of kept) {
    if (expected.get(key) === value) continue
    const wanted = expected.get(key) ?? 'nothing'
    return `key ${key} has ${value}, the changelog up to ${offset} has ${wanted}`
  }
  if (expires(store) || kept.length === expected.size) return undefined
  return `${kept.length} keys, the changelog up to ${offset} has ${expected.size}`
}

/** A key as its changelog has it, of one as a backend has it. */
function keyIn(store: StoreSpec, stored: Uint8Array): Uint8Array {
  return expires(store) ? stored.subarray(sliceBytes) : stored
}

/**
 * Each part of each store is in one task that runs; what that and standbys say is what its
 * changelog says.
 */
export function checkViews(
  plan: Plan,
  cluster: Cluster,
  workers: readonly SimulatedWorker[],
): readonly Finding[] {
  const stores = plan.subTopologies.flatMap((sub) => sub.stores)
  return stores.flatMap((store) => {
    const logs = changelogPartitions(plan, cluster, store)
    const answers = workers.flatMap(({ worker }) => worker?.ask(allOf(store.name)) ?? [])
    const parts = answers.flatMap((answer) => answer.parts)
    const silent = answers.flatMap((answer) => answer.silent.map(({ reason }) => reason))
    const problems = logs.flatMap((log, partition) => {
      const mine = parts.filter((part) => part.partition === partition)
      const active = mine.filter(({ role }) => role === 'active').length
      const wrong = mine.flatMap(({ role, rows }) => {
        const problem = rowsProblem(store, rows, log)
        return problem === undefined ? [] : [`${role} part ${partition} ${problem}`]
      })
      return active === 1 ? wrong : [`part ${partition} is active in ${active} tasks`, ...wrong]
    })
    return [...problems, ...silent].map((problem) => {
      return { check: 'view-is-changelog', message: `store ${store.name}: ${problem}` }
    })
  })
}

/** All rows of a part, those of the open epoch too. */
export function rowsOf(view: StoreView): readonly StoreRow[] {
  return view.read(everything, 'latest')
}

const everything = {
  kind: 'range',
  from: undefined,
  to: undefined,
  reverse: false,
  limit: Number.MAX_SAFE_INTEGER,
} as const

function allOf(store: string): StoreQuestion {
  const parts = { partitions: undefined, staleMs: Number.MAX_SAFE_INTEGER }
  return { store, read: everything, isolation: 'committed', ...parts }
}

/** What differs between rows of a part of a store and its changelog. */
export function rowsProblem(
  store: StoreSpec,
  rows: readonly StoreRow[],
  log: PartitionLog,
): string | undefined {
  if (expires(store)) return undefined
  const expected = foldOf(log, log.endOffset)
  if (rows.length !== expected.size) {
    return `has ${rows.length} keys, its changelog ${expected.size}`
  }
  const other = rows.find(({ key, value }) => expected.get(hex(key)) !== hex(value))
  return other && `has ${hex(other.value)} for key ${hex(other.key)}, unlike its changelog`
}

/** Entries of such stores go by time, and their changelog forgets them later. */
function expires({ window, times }: StoreSpec): boolean {
  return window !== undefined || times !== undefined
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

function changelogPartitions(plan: Plan, cluster: Cluster, store: StoreSpec) {
  const logs: PartitionLog[] = []
  for (let partition = 0; ; partition++) {
    const log = changelogOf(plan, cluster, store, partition)
    if (log === undefined) return logs
    logs.push(log)
  }
}

/** No transaction is left open anywhere. */
export function checkHanging(plan: Plan, cluster: Cluster): readonly Finding[] {
  const open = cluster.topics.all().flatMap((topic) =>
    topic.partitions.flatMap(({ log }) => {
      if (log.lastStableOffset === log.endOffset) return []
      const where = partitionName({ topic: topic.name, partition: log.partition })
      const message = `${where} has an open transaction at ${log.lastStableOffset}`
      return [{ check: 'no-hanging-transaction', message }]
    }),
  )
  const unstable = sources(plan, cluster).filter(({ topic, partition }) =>
    cluster.groups.get(plan.application)?.offsets.isUnstable(topic, partition),
  )
  const positions = unstable.map((one) => ({
    check: 'no-hanging-transaction',
    message: `the position of ${partitionName(one)} waits for a transaction`,
  }))
  return [...open, ...positions]
}

/** Committed input that has no committed position behind it, by partition. */
export function unread(plan: Plan, cluster: Cluster): readonly string[] {
  const offsets = cluster.groups.get(plan.application)?.offsets
  return sources(plan, cluster).flatMap(({ topic, partition, log }) => {
    const position = offsets?.get(topic, partition)?.offset ?? 0
    const behind = committedOf(log, position)
    const open = log.lastStableOffset < log.endOffset
    if (behind.length === 0 && !open) return []
    return [`${topic}-${partition}: ${position} of ${log.endOffset}${open ? ', open' : ''}`]
  })
}

function sources(plan: Plan, cluster: Cluster) {
  return plan.subTopologies
    .flatMap(({ sourceTopics }: SubTopology) => sourceTopics)
    .flatMap((topic) =>
      (cluster.topics.get(topic)?.partitions ?? []).map(({ log }) => ({
        topic,
        partition: log.partition,
        log,
      })),
    )
}
