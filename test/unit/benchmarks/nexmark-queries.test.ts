/** Queries of NEXMark with state, each against a naive evaluation of all events at once. */
import { expect, test } from '@jest/globals'
import { nexmarkEvents, nexmarkKey } from '../../../benchmarks/load/nexmark.ts'
import q3 from '../../../benchmarks/subjects/topologies/nexmark-q3.ts'
import q4 from '../../../benchmarks/subjects/topologies/nexmark-q4.ts'
import q5 from '../../../benchmarks/subjects/topologies/nexmark-q5.ts'
import q7 from '../../../benchmarks/subjects/topologies/nexmark-q7.ts'
import q8 from '../../../benchmarks/subjects/topologies/nexmark-q8.ts'
import q11 from '../../../benchmarks/subjects/topologies/nexmark-q11.ts'
import q18 from '../../../benchmarks/subjects/topologies/nexmark-q18.ts'
import { run } from '../../../benchmarks/subjects/topologies/run.ts'
import {
  averagePrices,
  bidderSessions,
  byKind,
  comparable,
  highestBids,
  hottestAuctions,
  lastBids,
  localItems,
  newSellers,
} from '../../../benchmarks/workloads/nexmark-answers.ts'
import type { Topology } from '../../../src/index.ts'
import { TopologyTestDriver } from '../../../src/testing/driver/index.ts'

/** Half a minute. */
const events = [...nexmarkEvents({ records: 3_000, eventRate: 100 })]

/** The last answer for each key, all windows closed, after a crash in the middle. */
function answersOf(query: Topology): ReadonlyMap<string, unknown> {
  const driver = new TopologyTestDriver(query)
  const input = driver.input(run.nexmark)
  events.forEach((event, at) => {
    input.send({ key: nexmarkKey(event), value: event, timestamp: event.dateTime })
    if (at % 100 === 99) driver.commit()
    if (at % 1_000 === 950) driver.crash()
  })
  const end = events.at(-1)?.dateTime ?? 0
  driver.advanceWatermark(end + 60_000)
  driver.advanceWatermark(end + 120_000)
  const answers = new Map<string, unknown>()
  for (const [key, value] of driver.output<string>(run.output).readKeyValues()) {
    if (value === null) answers.delete(String(key))
    else answers.set(String(key), value)
  }
  return answers
}

test.each([
  ['3: who sells what where', q3, localItems],
  ['4: average winning prices', q4, averagePrices],
  ['5: hot auctions', q5, hottestAuctions],
  ['7: highest bids', q7, highestBids],
  ['8: new sellers', q8, newSellers],
  ['11: sessions of bidders', q11, bidderSessions],
  ['18: last bids', q18, lastBids],
] as const)('query %s', (_, query, evaluate) => {
  const expected = Array.from(evaluate(byKind(events)), ([key, { value }]) => [
    key,
    comparable(value),
  ])
  expect(expected.length).toBeGreaterThan(2)
  const answers = Array.from(answersOf(query), ([key, value]) => [key, comparable(value)])
  expect(Object.fromEntries(answers)).toEqual(Object.fromEntries(expected))
})
