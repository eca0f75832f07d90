import { cpuUsage } from 'node:process'
import { expect, test } from '@jest/globals'
import { TopologyTestDriver } from 'millrace/testing'
import accountLedger from '../../../topologies/account-ledger.ts'
import fraudDetection from '../../../topologies/fraud-detection.ts'
import viewsByRegion from '../../../topologies/views-by-region.ts'
import wordCount from '../../../topologies/word-count.ts'

/** What a test of a user does: some records, a commit, a crash, a look at what came. */
function useOnce(run: number): void {
  const subjects = [
    [wordCount, 'lines', 'to be or not to be', 'word-counts'],
    [fraudDetection, 'transactions', { id: 't', amount: 0.5 }, 'alerts'],
    [accountLedger, 'commands', { id: 'c', amount: 5 }, 'entries'],
    [viewsByRegion, 'profiles', { region: 'north' }, 'views-by-region'],
  ] as const
  const [topology, topic, value, output] = subjects[run % subjects.length] ?? subjects[0]
  const driver = new TopologyTestDriver(topology)
  for (let timestamp = 0; timestamp < 10; timestamp += 1) {
    driver.input(topic).send({ key: `k${timestamp % 3}`, value, timestamp })
  }
  driver.commit()
  driver.crash()
  driver.advanceWallClock('1m')
  driver.output(output).readAll()
}

/** Milliseconds of a processor, of this process. */
function cost(runs: number): number {
  const before = cpuUsage()
  for (let run = 0; run < runs; run += 1) useOnce(run)
  const { user, system } = cpuUsage(before)
  return (user + system) / 1_000
}

test('a hundred tests with the driver take less than two seconds of a processor', () => {
  // The best of several rounds: other work on the machine only adds to them.
  const rounds = Array.from({ length: 8 }, () => cost(20))
  expect(Math.min(...rounds) * 5).toBeLessThan(2_000)
})
