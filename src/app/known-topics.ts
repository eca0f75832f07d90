/** The topics of the author: what a topology reads and writes of those that exist. */
import type { Settings } from '../config/option-table.ts'
import type { Env } from '../env/port.ts'
import type { Admin, KafkaClient } from '../kafka/client/port.ts'
import { StreamError } from '../model/errors.ts'
import { planTopology } from '../plan/plan-topology.ts'
import type { Plan } from '../plan/plan.ts'
import type { Topology } from '../topology/nodes.ts'
import { hasPatterns, lonelyPattern, withTopics } from '../topology/patterns.ts'
import { type PartitionCounts, prepareTopics } from '../worker/topics.ts'

export interface KnownTopics {
  readonly plan: Plan
  readonly counts: PartitionCounts
  /** Those that patterns match, sorted. */
  readonly matched: readonly string[]
}

interface Looking {
  readonly env: Env
  readonly settings: Settings
}

const lookAgainMs = 500

/**
 * Plans the topology by the topics that there are, makes those that it owns, and waits for what is
 * missing as long as the options say.
 * @throws StreamError as `prepareTopics`
 */
export async function lookAtTopics(
  topology: Topology,
  admin: Admin,
  { env, settings }: Looking,
): Promise<KnownTopics> {
  const { topicWait: waitMs, replicationFactor } = settings
  const found = await withFoundTopics(topology, admin, env, waitMs)
  const plan = planTopology(found)
  const counts = await prepareTopics(plan, admin, env, { waitMs, replicationFactor })
  return { plan, counts, matched: matchedBy(found) }
}

async function withFoundTopics(
  topology: Topology,
  admin: Admin,
  env: Env,
  waitMs: number,
): Promise<Topology> {
  if (!hasPatterns(topology)) return topology
  const end = env.clock.monotonic() + waitMs
  for (;;) {
    const found = withTopics(topology, await admin.topicNames())
    const lonely = lonelyPattern(found)
    if (lonely === undefined) return found
    if (env.clock.monotonic() >= end) throw nothingMatches(topology, lonely)
    await env.timers.sleep(Math.min(lookAgainMs, waitMs))
  }
}

function nothingMatches({ name }: Topology, pattern: RegExp): StreamError {
  return new StreamError(
    'TOPIC_MISSING',
    `no topic has a name that ${String(pattern)} matches, which ${name} reads: create one`,
    { domain: 'external', recovery: 'fatal' },
  )
}

function matchedBy({ nodes }: Topology): readonly string[] {
  const topics = nodes.flatMap((node) =>
    node.kind === 'source' && node.pattern !== undefined ? node.topics : [],
  )
  return topics.toSorted()
}

export interface Watching extends Looking {
  readonly topology: Topology
  readonly connect: () => Promise<KafkaClient>
  /** What workers go by now. */
  readonly known: () => KnownTopics
  readonly onChanged: (topics: KnownTopics) => Promise<void>
}

/** Looks now and then whether patterns match other topics than before. */
export async function watchTopics(watching: Watching, signal: AbortSignal): Promise<void> {
  const { env, settings } = watching
  while (!signal.aborted) {
    await env.timers.sleep(settings.topicDiscovery, signal)
    if (signal.aborted) return
    try {
      await lookOnce(watching)
    } catch (error) {
      // A cluster that is away, or a topic that does not fit: what is known is read on.
      const reason = error instanceof Error ? error.message : String(error)
      env.logger.warn({ error: reason }, 'looking for topics of patterns failed')
    }
  }
}

async function lookOnce(watching: Watching): Promise<void> {
  const { topology, connect, known, onChanged, env } = watching
  const client = await connect()
  try {
    const matched = matchedBy(withTopics(topology, await client.admin.topicNames()))
    if (matched.join() === known().matched.join()) return
    env.logger.info({ topics: matched }, 'patterns match other topics: workers begin anew')
    await onChanged(await lookAtTopics(topology, client.admin, watching))
  } finally {
    await client.close()
  }
}
