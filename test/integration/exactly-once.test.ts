/** The word count of topologies/ on a Kafka of its own, through everything that may happen. */
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { RunningKafka } from '../../cluster/kafka.ts'
import { launchKafka } from '../../cluster/launch.ts'
import { runChaos } from '../chaos/chaos.ts'
import { wordCount } from '../chaos/subjects/word-count.ts'
import { describeWithOwnKafka, ownKafka } from '../kafka.ts'

const rounds = 20
const timeoutMs = 10 * 60_000

describeWithOwnKafka('a word count under kills, zombies, joins, stops and broker failures', () => {
  let kafka: RunningKafka

  beforeEach(async () => {
    const launch = await launchKafka({ acceptable: ownKafka })
    if (launch.kind === 'none') throw new Error(launch.reason)
    kafka = launch.kafka
  }, 120_000)

  afterEach(() => kafka.stop(), 60_000)

  test.each([20, 1_000])(
    'counts every word exactly once with a commit interval of %i ms',
    async (commitIntervalMs) => {
      const seed = Number(process.env['MILLRACE_TEST_SEED'] ?? Math.floor(Math.random() * 1e6))
      const log: string[] = [`seed ${seed}`]
      const result = await runChaos({
        kafka,
        subject: wordCount,
        seed,
        rounds,
        commitIntervalMs,
        log: (line) => log.push(line),
      }).catch((error: unknown) => {
        throw new Error(`failed after: ${log.join('\n')}`, { cause: error })
      })
      const { verdict, failures } = result
      // The log is part of the comparison, so that a failure shows the seed and the rounds.
      const outcome = { problems: verdict.problems, failures }
      expect({ ...outcome, log }).toEqual({ problems: [], failures: [], log })
      const { words, outputRecords } = verdict.compared
      expect(words).toBeGreaterThan(50_000)
      expect(outputRecords).toBe(words)
    },
    timeoutMs,
  )
})
