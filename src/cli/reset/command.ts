/** `reset`: an application begins anew, from positions of its author's choice and without state. */
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { connect } from '../../app/connect.ts'
import { loadSettings } from '../../config/sources.ts'
import { systemEnv } from '../../env/system.ts'
import { isTransactionalIdOf, transactionalIdPrefix } from '../../group/identity.ts'
import type { Admin } from '../../kafka/client/port.ts'
import { StreamError } from '../../model/errors.ts'
import { partitionName } from '../../model/ids.ts'
import { planTopology } from '../../plan/plan-topology.ts'
import { withTopics } from '../../topology/patterns.ts'
import type { Plan } from '../../plan/plan.ts'
import { openIdentity } from '../../worker/state-directory.ts'
import { loadTopology } from '../load-topology.ts'
import { addOptionFlags, optionFlags } from '../option-flags.ts'
import { type KnownPartition, newPosition, type NewPosition, positionText } from './positions.ts'
import { type Target, targetOf } from './positions.ts'

interface ResetFlags extends Readonly<Record<string, string | boolean | undefined>> {
  readonly config?: string
  readonly to?: string
  readonly shift?: string
  readonly dryRun?: boolean
}

export function addResetCommand(root: Command): void {
  const command = root
    .command('reset <file>')
    .description('make a stopped application begin anew: positions, internal topics, local state')
    .option('--config <file>', 'configuration file (default: millrace.config.yaml, if there)')
    .option('--to <where>', 'earliest (default), latest, a time, or how long ago: 1h')
    .option('--shift <offsets>', 'so many offsets forward, or back, from what is committed')
    .option('--dry-run', 'say what would be done, and do nothing')
    .action(reset)
  addOptionFlags(command)
}

interface Reset {
  readonly positions: readonly NewPosition[]
  readonly topics: readonly string[]
  readonly directories: readonly string[]
}

async function reset(file: string, flags: ResetFlags): Promise<void> {
  const topology = await loadTopology(file)
  const settings = loadSettings({ flags: optionFlags(flags), file: flags.config })
  const named = { ...topology, name: settings.applicationId ?? topology.name }
  const plan = planTopology(named)
  const env = systemEnv({ logLevel: settings.logLevel, fields: { application: plan.application } })
  const target = targetOf(flags.to, flags.shift, env.clock.now())
  // Also the proof that no process runs on this directory.
  const identity = await openIdentity(settings.stateDir, plan.application, settings.instanceId)
  try {
    const client = await connect(settings, env)
    try {
      await refuseMembers(plan.application, client.admin)
      if (flags.dryRun !== true) await fence(plan.application, client.admin)
      const directories = workerDirectories(identity.directory)
      const read = planTopology(withTopics(named, await client.admin.topicNames()))
      const all = { ...(await look(read, client.admin, target)), directories }
      print(all, flags.dryRun === true)
      if (flags.dryRun !== true) await carryOut(plan.application, client.admin, all)
    } finally {
      await client.close()
    }
  } finally {
    identity.release()
  }
}

/** @throws StreamError `GROUP_IN_USE` */
async function refuseMembers(groupId: string, admin: Admin): Promise<void> {
  const members = await admin.groupMembers(groupId)
  if (members !== undefined && members.length === 0) return
  const who = members === undefined ? 'members that are joining' : `${members.length} members`
  throw new StreamError(
    'GROUP_IN_USE',
    `the group ${groupId} has ${who}: stop all of its workers first (one that was killed leaves ` +
      'the group when its sessionTimeout has passed)',
    { domain: 'user', recovery: 'fatal' },
  )
}

/** What killed workers left open would hold positions back, or commit yet. */
async function fence(groupId: string, admin: Admin): Promise<void> {
  const open = await admin.openTransactions(transactionalIdPrefix(groupId))
  const ids = open.filter((id) => isTransactionalIdOf(groupId, id))
  await admin.fenceProducers(ids, groupId)
}

async function look(
  plan: Plan,
  admin: Admin,
  target: Target,
): Promise<Pick<Reset, 'positions' | 'topics'>> {
  const internal = plan.internalTopics.map(({ name }) => name)
  const inputs = new Set(plan.subTopologies.flatMap(({ sourceTopics }) => sourceTopics))
  for (const name of internal) inputs.delete(name)
  const found = await admin.describeTopics([...inputs, ...internal])
  const partitions = Array.from(inputs)
    .toSorted()
    .flatMap((topic) =>
      Array.from({ length: found.get(topic)?.partitions ?? 0 }, (_, partition) => ({
        topic,
        partition,
      })),
    )
  const [starts, ends, committed, times] = await Promise.all([
    admin.listOffsets(partitions, 'earliest', 'read_committed'),
    admin.listOffsets(partitions, 'latest', 'read_committed'),
    admin.committedOffsets(plan.application, partitions),
    target.kind === 'time'
      ? admin.listOffsets(partitions, { timestamp: target.timestamp }, 'read_committed')
      : new Map<string, number>(),
  ])
  const positions = partitions.map((one) => {
    const name = partitionName(one)
    const time = times.get(name) ?? -1
    const known: KnownPartition = {
      ...one,
      start: starts.get(name) ?? 0,
      end: ends.get(name) ?? 0,
      committed: committed.get(name)?.offset,
      atTime: time < 0 ? undefined : time,
    }
    return newPosition(target, known)
  })
  return { positions, topics: internal.filter((name) => found.has(name)).toSorted() }
}

function workerDirectories(directory: string): readonly string[] {
  if (!existsSync(directory)) return []
  const names = readdirSync(directory).filter((name) => /^worker-\d+$/.test(name))
  return names.toSorted().map((name) => join(directory, name))
}

function print({ positions, topics, directories }: Reset, dry: boolean): void {
  const lines = [
    dry ? 'would be done (--dry-run):' : 'reset:',
    ...positions.map((one) => `  position ${positionText(one)}`),
    ...topics.map((name) => `  delete topic ${name}`),
    ...directories.map((path) => `  delete ${path}`),
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
}

/**
 * In an order that can be begun again: positions are the last thing that is there. Those of
 * repartition topics go with the group: the topics are made again.
 */
async function carryOut(groupId: string, admin: Admin, reset: Reset): Promise<void> {
  for (const path of reset.directories) rmSync(path, { recursive: true, force: true })
  await admin.deleteTopics(reset.topics)
  await admin.deleteGroup(groupId)
  await admin.commitPositions(groupId, reset.positions)
}
