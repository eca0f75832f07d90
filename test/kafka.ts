import { describe } from '@jest/globals'

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
