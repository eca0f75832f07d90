/** `state`: which stores a stopped process has, how far they are, and what is in them. */
import type { Command } from 'commander'
import { connect } from '../../app/connect.ts'
import type { Settings } from '../../config/option-table.ts'
import { loadSettings } from '../../config/sources.ts'
import { systemEnv } from '../../env/system.ts'
import { partitionName } from '../../model/ids.ts'
import { planTopology } from '../../plan/plan-topology.ts'
import { behindPrefix } from '../../state/key-bounds.ts'
import { openIdentity } from '../../worker/state-directory.ts'
import { usage } from '../failures.ts'
import { loadTopology } from '../load-topology.ts'
import { addOptionFlags, optionFlags } from '../option-flags.ts'
import { entriesOf, type LocalStore, localStores, offsetOf } from './local-stores.ts'

interface StateFlags extends Readonly<Record<string, string | boolean | undefined>> {
  readonly config?: string
  readonly store?: string
  readonly from?: string
  readonly until?: string
  readonly prefix?: string
  readonly limit?: string
  readonly offline?: boolean
}

const limitDefault = 100

export function addStateCommand(root: Command): void {
  const command = root
    .command('state <file>')
    .description('list the stores that a stopped process has in its state directory, or dump one')
    .option('--config <file>', 'configuration file (default: millrace.config.yaml, if there)')
    .option('--store <name>', 'print entries of this store, a line of JSON each')
    .option('--from <key>', 'from this key on; keys are JSON, or text')
    .option('--until <key>', 'to below this key')
    .option('--prefix <key>', 'keys that begin so')
    .option('--limit <entries>', `entries of each partition at most (default: ${limitDefault})`)
    .option('--offline', 'do not ask Kafka how far the changelogs are')
    .action(state)
  addOptionFlags(command)
}

async function state(file: string, flags: StateFlags): Promise<void> {
  const topology = await loadTopology(file)
  const settings = loadSettings({ flags: optionFlags(flags), file: flags.config })
  const plan = planTopology({ ...topology, name: settings.applicationId ?? topology.name })
  const identity = await openIdentity(settings.stateDir, plan.application, settings.instanceId)
  try {
    const stores = localStores(plan, identity.directory)
    const { store } = flags
    if (store === undefined) return await list(stores, settings, flags.offline === true)
    const chosen = stores.filter(({ spec }) => spec.name === store)
    if (chosen.length === 0) throw noStore(store, stores)
    for (const one of chosen) await dump(one, flags)
  } finally {
    identity.release()
  }
}

const heads = ['worker', 'task', 'store', 'bytes', 'offset', 'end', 'lag'] as const

async function list(
  stores: readonly LocalStore[],
  settings: Settings,
  offline: boolean,
): Promise<void> {
  const ends = offline ? new Map<string, number>() : await changelogEnds(stores, settings)
  const rows: string[][] = [[...heads]]
  for (const one of stores) {
    const { worker, task, spec, bytes } = one
    const offset = await offsetOf(one)
    const end = ends.get(partitionName(one))
    const lag =
      typeof offset === 'number' && end !== undefined ? String(Math.max(0, end - offset)) : '–'
    rows.push([worker, task, spec.name, String(bytes), String(offset), String(end ?? '–'), lag])
  }
  const widths = heads.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)))
  const lines = rows.map((row) => row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  '))
  process.stdout.write(`${lines.map((line) => line.trimEnd()).join('\n')}\n`)
}

async function changelogEnds(
  stores: readonly LocalStore[],
  settings: Settings,
): Promise<ReadonlyMap<string, number>> {
  const env = systemEnv({ logLevel: settings.logLevel })
  const client = await connect(settings, env)
  try {
    const topics = [...new Set(stores.map(({ topic }) => topic))]
    const existing = await client.admin.describeTopics(topics)
    const known = stores.filter(
      ({ topic, partition }) => partition < (existing.get(topic)?.partitions ?? 0),
    )
    return await client.admin.listOffsets(known, 'latest', 'read_committed')
  } finally {
    await client.close()
  }
}

async function dump(store: LocalStore, flags: StateFlags): Promise<void> {
  const { spec, partition } = store
  const bytesOf = (text: string | undefined) =>
    text === undefined ? undefined : spec.key.serialize(keyOf(text))
  const prefix = bytesOf(flags.prefix)
  const from = prefix ?? bytesOf(flags.from)
  const to = prefix === undefined ? bytesOf(flags.until) : behindPrefix(prefix)
  const entries = await entriesOf(store, {
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    limit: limitOf(flags.limit),
  })
  for (const entry of entries) {
    process.stdout.write(`${JSON.stringify({ partition, ...entry }, plain)}\n`)
  }
}

/** What JSON does not know: big integers as text. */
function plain(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value
}

function keyOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function limitOf(text: string | undefined): number {
  const limit = Number(text ?? limitDefault)
  if (Number.isInteger(limit) && limit > 0) return limit
  throw usage('COMMAND_LINE_INVALID', `--limit takes a number of entries, not ${text}`)
}

function noStore(name: string, stores: readonly LocalStore[]) {
  const names = [...new Set(stores.map(({ spec }) => spec.name))].join(', ')
  const there = names === '' ? 'the state directory has no files' : `there are: ${names}`
  return usage('COMMAND_LINE_INVALID', `no files of a store "${name}"; ${there}`)
}
