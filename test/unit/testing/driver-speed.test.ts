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

test('a hundred tests with the driver take less than two seconds of a processor', () => {
  const before = cpuUsage()
  for (let run = 0; run < 100; run += 1) useOnce(run)
  const { user, system } = cpuUsage(before)
  expect((user + system) / 1_000).toBeLessThan(2_000)
})
