/** The brokers that a suite runs on, and a directory for its workers. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from '@jest/globals'
import { EmbeddedKafka } from '../../src/testing/index.ts'

const external = process.env['MILLRACE_TEST_BROKERS']?.split(',')

interface Target {
  readonly name: string
  readonly brokers: () => readonly string[]
}

/** The embedded broker and, where one is there, Apache Kafka; for the suite that calls it. */
export function bothBrokers(suite: string) {
  const embedded = new EmbeddedKafka()
  const directory = mkdtempSync(join(tmpdir(), `millrace-${suite}-`))
  beforeAll(async () => {
    await embedded.start()
  })
  afterAll(async () => {
    await embedded.stop()
    rmSync(directory, { recursive: true, force: true })
  })
  const targets: readonly Target[] = [
    { name: 'the embedded broker', brokers: () => embedded.brokers },
    ...(external === undefined ? [] : [{ name: 'Apache Kafka', brokers: () => external }]),
  ]
  return { directory, targets }
}
