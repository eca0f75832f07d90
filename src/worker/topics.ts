/**
 * Topics before the first join: the author's topics have to be there, internal ones are made as
 * the plan says, and whatever exists has to fit.
 */
import type { Env } from '../env/port.ts'
import type { Admin, NewTopic, TopicDescription } from '../kafka/client/port.ts'
import { StreamError } from '../model/errors.ts'
import { checkPartitions, userTopics } from '../plan/partitions.ts'
import type { Plan } from '../plan/plan.ts'

export interface TopicOptions {
  /** How long missing topics of the author are waited for. */
  readonly waitMs: number
  readonly replicationFactor: number
}

/** Partitions of every topic of the plan. */
export type PartitionCounts = ReadonlyMap<string, number>

/** How long topics that were just created may take to be seen by all brokers. */
const creationMs = 15_000

/**
 * @throws StreamError `TOPIC_MISSING` after the wait, `NOT_CO_PARTITIONED`,
 * `INTERNAL_TOPIC_MISMATCH`
 */
export async function prepareTopics(
  plan: Plan,
  admin: Admin,
  env: Env,
  options: TopicOptions,
): Promise<PartitionCounts> {
  await waitForTopics(userTopics(plan), admin, env, options.waitMs)
  const internal = plan.internalTopics.map((topic) => topic.name)
  const wanted = await checked(plan, internal, admin)
  const existing = await admin.describeTopics(internal)
  const missing = plan.internalTopics.filter((topic) => !existing.has(topic.name))
  if (missing.length === 0) return wanted
  const { replicationFactor } = options
  const topics = missing.map(({ name, configs }): NewTopic => {
    return { name, partitions: wanted.get(name) ?? 1, replicationFactor, configs }
  })
  await admin.createTopics(topics)
  env.logger.info({ topics: topics.map(({ name }) => name) }, 'created internal topics')
  // Another worker may have made them meanwhile, from other partition counts: look again.
  const missingNow = await waitForTopics(internal, admin, env, creationMs)
  if (missingNow.length > 0) throw notCreated(missingNow)
  return checked(plan, internal, admin)
}

async function checked(
  plan: Plan,
  internal: readonly string[],
  admin: Admin,
): Promise<PartitionCounts> {
  const found = await admin.describeTopics([...userTopics(plan), ...internal])
  const check = checkPartitions(plan, (topic) => found.get(topic)?.partitions)
  if (check.kind === 'fits') return check.partitions
  throw firstOf(check.problems)
}

function firstOf(problems: readonly StreamError[]): StreamError | undefined {
  const [first, ...others] = problems
  if (first === undefined || others.length === 0) return first
  const { domain, recovery, where } = first
  const told = problems.map(({ code, message }) => message.replace(`${code}: `, ''))
  return new StreamError(first.code, told.join('; '), { domain, recovery, where })
}

/** @returns The names that are still missing in the end. */
async function waitForTopics(
  names: readonly string[],
  admin: Admin,
  env: Env,
  waitMs: number,
): Promise<readonly string[]> {
  const end = env.clock.monotonic() + waitMs
  for (let told = false; ; told = true) {
    const found: ReadonlyMap<string, TopicDescription> = await admin.describeTopics(names)
    const missing = names.filter((name) => !found.has(name))
    if (missing.length === 0 || env.clock.monotonic() >= end) return missing
    if (!told) env.logger.warn({ topics: missing, waitMs }, 'waiting for topics to appear')
    await env.timers.sleep(Math.min(500, waitMs))
  }
}

function notCreated(names: readonly string[]): StreamError {
  return new StreamError(
    'TOPIC_NOT_CREATED',
    `the brokers accepted ${names.join(', ')} ${creationMs} ms ago and do not have it yet`,
    { domain: 'external', recovery: 'fatal', where: { topic: names[0] ?? '' } },
  )
}
