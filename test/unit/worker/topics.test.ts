import { expect, test } from '@jest/globals'
import { string, topology } from '../../../src/index.ts'
import type { NewTopic } from '../../../src/kafka/client/port.ts'
import { planTopology } from '../../../src/plan/plan-topology.ts'
import { VirtualEnv } from '../../../src/testing/virtual-env.ts'
import { prepareTopics } from '../../../src/worker/topics.ts'
import { fakeAdmin } from './fakes.ts'

const plan = planTopology(
  topology('app', (t) => {
    t.stream('lines', { value: string })
      .groupBy('by-word', (word) => word, { key: string })
      .count('counts')
      .to('out')
  }),
)
const changelog = 'app-counts-changelog'
const repartition = 'app-by-word-repartition'

/** A cluster that is nothing but partition counts by topic. */
function cluster(topics: Record<string, number>) {
  const created: NewTopic[] = []
  const admin = fakeAdmin({
    describeTopics: async (names) =>
      new Map(
        names
          .filter((name) => name in topics)
          .map((name) => [name, { name, partitions: topics[name] ?? 0, topicId: null }]),
      ),
    createTopics: async (asked) => {
      created.push(...asked)
      for (const { name, partitions } of asked) topics[name] ??= partitions
    },
  })
  return { admin, created, env: new VirtualEnv() }
}

const options = { waitMs: 2000, replicationFactor: 3 }

test('internal topics are made as wide as their inputs, with the plan’s settings', async () => {
  const { admin, created, env } = cluster({ lines: 4, out: 2 })
  const counts = await env.run(prepareTopics(plan, admin, env, options))
  expect(counts.get(changelog)).toBe(4)
  const widths = new Map(created.map(({ name, partitions }) => [name, partitions]))
  expect(Object.fromEntries(widths)).toEqual({ [repartition]: 4, [changelog]: 4 })
  expect(created.every(({ replicationFactor }) => replicationFactor === 3)).toBe(true)
  const configs = created.find(({ name }) => name === changelog)?.configs
  expect(configs?.['cleanup.policy']).toBe('compact')
})

test('what exists already and fits is left as it is', async () => {
  const { admin, created, env } = cluster({ lines: 2, out: 2, [changelog]: 2, [repartition]: 2 })
  await env.run(prepareTopics(plan, admin, env, options))
  expect(created).toEqual([])
})

test('a missing topic is waited for, then named with what to do', async () => {
  const topics: Record<string, number> = { out: 1 }
  const { admin, env } = cluster(topics)
  const starting = prepareTopics(plan, admin, env, options)
  env.timers.after(1200, () => {
    topics['lines'] = 3
  })
  expect((await env.run(starting)).get('lines')).toBe(3)
  const other = cluster({ out: 1 })
  await expect(other.env.run(prepareTopics(plan, other.admin, other.env, options))).rejects.toThrow(
    /TOPIC_MISSING: the topic lines.*create it/,
  )
  expect(other.env.clock.monotonic()).toBeGreaterThanOrEqual(2000)
})

test('an internal topic of another width is refused with both numbers', async () => {
  const { admin, env } = cluster({ lines: 4, out: 2, [changelog]: 3 })
  await expect(env.run(prepareTopics(plan, admin, env, options))).rejects.toThrow(
    /INTERNAL_TOPIC_MISMATCH.*app-counts-changelog has 3 partitions and needs 4/,
  )
})
