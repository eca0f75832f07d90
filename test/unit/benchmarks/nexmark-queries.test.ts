/** Queries of NEXMark with state, each against a naive evaluation of all events at once. */
import { expect, test } from '@jest/globals'
import {
  type Auction,
  type Bid,
  nexmarkEvents,
  nexmarkKey,
  type Person,
} from '../../../benchmarks/load/nexmark.ts'
import q3 from '../../../benchmarks/subjects/topologies/nexmark-q3.ts'
import q4 from '../../../benchmarks/subjects/topologies/nexmark-q4.ts'
import q5 from '../../../benchmarks/subjects/topologies/nexmark-q5.ts'
import q7 from '../../../benchmarks/subjects/topologies/nexmark-q7.ts'
import q8 from '../../../benchmarks/subjects/topologies/nexmark-q8.ts'
import q11 from '../../../benchmarks/subjects/topologies/nexmark-q11.ts'
import q18 from '../../../benchmarks/subjects/topologies/nexmark-q18.ts'
import { run } from '../../../benchmarks/subjects/topologies/run.ts'
import type { Topology } from '../../../src/index.ts'
import { TopologyTestDriver } from '../../../src/testing/driver/index.ts'

/** Half a minute. */
const events = [...nexmarkEvents({ records: 3_000, eventRate: 100 })]
const persons = events.filter((event): event is Person => event.kind === 'person')
const auctions = events.filter((event): event is Auction => event.kind === 'auction')
const bids = events.filter((event): event is Bid => event.kind === 'bid')

type Answers = ReadonlyMap<string, unknown>

/** The last answer for each key, all windows closed, after a crash in the middle. */
function answersOf(query: Topology): Answers {
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

function grouped<T>(values: readonly T[], keyOf: (value: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const value of values) groups.set(keyOf(value), [...(groups.get(keyOf(value)) ?? []), value])
  return groups
}

const windowOf = (sizeMs: number) => (event: { readonly dateTime: number }) =>
  `${event.dateTime - (event.dateTime % sizeMs)}`

const highest = (group: readonly Bid[]) =>
  group.reduce((best, bid) => (bid.price > best.price ? bid : best))

function localItems(): Answers {
  const sellers = new Map(persons.map((person) => [person.id, person]))
  return new Map(
    auctions.flatMap(({ id, category, seller }) => {
      const { name = '', state = '' } = sellers.get(seller) ?? {}
      if (category !== 3 || !['OR', 'ID', 'CA'].includes(state)) return []
      return [[`${id}`, { name, state, auction: id }]]
    }),
  )
}

function averages(): Answers {
  const winners = auctions.flatMap(({ id, category, dateTime, expires }) => {
    const inTime = bids.filter(
      (bid) => bid.auction === id && bid.dateTime >= dateTime && bid.dateTime <= expires,
    )
    return inTime.length === 0 ? [] : [{ category, price: highest(inTime).price }]
  })
  const average = (prices: readonly number[]) =>
    prices.reduce((sum, price) => sum + price, 0) / prices.length
  return new Map(
    Array.from(
      grouped(winners, ({ category }) => `${category}`),
      ([category, group]) => [category, average(group.map(({ price }) => price))],
    ),
  )
}

function hottest(): Answers {
  const answers = new Map<string, unknown>()
  const first = Number(windowOf(2_000)(events[0] ?? { dateTime: 0 })) - 8_000
  const last = events.at(-1)?.dateTime ?? 0
  for (let start = first; start <= last; start += 2_000) {
    const inside = bids.filter(({ dateTime }) => dateTime >= start && dateTime < start + 10_000)
    const counts = Array.from(
      grouped(inside, ({ auction }) => `${auction}`),
      ([auction, group]) => ({ auction, bids: group.length }),
    )
    const most = Math.max(...counts.map((hot) => hot.bids))
    if (counts.length > 0)
      answers.set(
        `${start}`,
        counts.filter((hot) => hot.bids === most),
      )
  }
  return answers
}

function newSellers(): Answers {
  const window = windowOf(10_000)
  return new Map(
    persons.flatMap((person) => {
      const opened = auctions.filter(
        (auction) => auction.seller === person.id && window(auction) === window(person),
      )
      if (opened.length === 0) return []
      return [[`${person.id}@${window(person)}`, { name: person.name, auctions: opened.length }]]
    }),
  )
}

function sessions(): Answers {
  const answers = new Map<string, unknown>()
  for (const [bidder, group] of grouped(bids, (bid) => `${bid.bidder}`)) {
    let times: number[] = []
    const close = () => answers.set(`${bidder}@${times[0]}-${times.at(-1)}`, times.length)
    for (const { dateTime } of group) {
      if (dateTime - (times.at(-1) ?? dateTime) > 10_000) {
        close()
        times = []
      }
      times.push(dateTime)
    }
    close()
  }
  return answers
}

const highestOfWindows = () =>
  new Map(Array.from(grouped(bids, windowOf(10_000)), ([start, group]) => [start, highest(group)]))

const lastBids = () => new Map(bids.map((bid) => [`${bid.bidder}/${bid.auction}`, bid]))

/** Auctions that are equally hot come in any order. */
function inOrder(answers: Answers): unknown {
  const lists = Array.from(answers, ([key, value]) => [
    key,
    Array.isArray(value) ? value.map((one) => JSON.stringify(one)).toSorted() : value,
  ])
  return Object.fromEntries(lists)
}

test.each([
  ['3: who sells what where', q3, localItems],
  ['4: average winning prices', q4, averages],
  ['5: hot auctions', q5, hottest],
  ['7: highest bids', q7, highestOfWindows],
  ['8: new sellers', q8, newSellers],
  ['11: sessions of bidders', q11, sessions],
  ['18: last bids', q18, lastBids],
] as const)('query %s', (_, query, evaluate) => {
  const expected = evaluate()
  expect(expected.size).toBeGreaterThan(2)
  const answers = answersOf(query)
  expect(inOrder(answers)).toEqual(inOrder(expected))
})
