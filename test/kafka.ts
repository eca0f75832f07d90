import { spawnSync } from 'node:child_process'
import { describe } from '@jest/globals'
import { isKafkaKind, type KafkaKind } from '../cluster/kafka.ts'

/**
 * Bootstrap addresses of the Kafka that `npm test` got; undefined where none is to be had, or jest
 * was run alone.
 */
export const testBrokers: string | undefined = process.env['MILLRACE_TEST_BROKERS']

/**
 * For suites that need Kafka: without one they are reported as skipped, or fail under
 * `--require-kafka`.
 */
export const describeWithKafka: typeof describe.skip =
  testBrokers === undefined ? describe.skip : describe

const kind = process.env['MILLRACE_TEST_KAFKA'] ?? ''

/** The kind of Kafka that a suite may launch for itself, to kill it: none where it is external. */
export const ownKafka: readonly KafkaKind[] =
  isKafkaKind(kind) && kind !== 'external' && kind !== 'embedded' ? [kind] : []

/** For suites that need a Kafka of their own. */
export const describeWithOwnKafka: typeof describe.skip =
  ownKafka.length === 0 ? describe.skip : describe

/** For suites that start brokers by Java, beside the Kafka that `npm test` got. */
export function describeWithJava(what: string, rows: () => void): void {
  const missing = ['java', 'keytool'].filter((name) => spawnSync(name, ['-help']).status !== 0)
  const reason = testBrokers === undefined ? 'Kafka' : missing[0]
  const run = reason === undefined ? describe : describe.skip
  run(reason === undefined ? what : `${what} (needs ${reason})`, rows)
}
