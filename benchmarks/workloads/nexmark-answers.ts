/** Queries of NEXMark with state, each evaluated naively over all events at once. */
import type { Auction, Bid, NexmarkEvent, Person } from '../load/nexmark.ts'

/** What a query has to answer, by the key of the answer. */
export type Answers = ReadonlyMap<string, Answer>

export interface Answer {
  readonly value: unknown
  /** The event time at which it is final; undefined where it is told before any end. */
  readonly finalAt?: number
}

/** All events by their kinds, each in the order in which they were written. */
export interface Auctions {
  readonly persons: readonly Person[]
  readonly auctions: readonly Auction[]
  readonly bids: readonly Bid[]
}

export function byKind(events: Iterable<NexmarkEvent>): Auctions {
  const persons: Person[] = []
  const auctions: Auction[] = []
  const bids: Bid[] = []
  for (const event of events) {
    if (event.kind === 'person') persons.push(event)
    else if (event.kind === 'auction') auctions.push(event)
    else bids.push(event)
  }
  return { persons, auctions, bids }
}

const windowMs = 10_000
const hopMs = 2_000
const gapMs = 10_000

/** Who in Oregon, Idaho or California sells items of one category. */
export function localItems({ persons, auctions }: Auctions): Answers {
  const sellers = new Map(persons.map((person) => [person.id, person]))
  const answers = new Map<string, Answer>()
  for (const { id, category, seller } of auctions) {
    const { name = '', state = '' } = sellers.get(seller) ?? {}
    if (category !== 3 || !['OR', 'ID', 'CA'].includes(state)) continue
    answers.set(`${id}`, { value: { name, state, auction: id } })
  }
  return answers
}

/** The average price of the winning bids of each category. */
export function averagePrices({ auctions, bids }: Auctions): Answers {
  const ofAuctions = Map.groupBy(bids, ({ auction }) => auction)
  const winners = auctions.flatMap(({ id, category, dateTime, expires }) => {
    const inTime = (ofAuctions.get(id) ?? []).filter(
      (bid) => bid.dateTime >= dateTime && bid.dateTime <= expires,
    )
    return inTime.length === 0 ? [] : [{ category, price: highest(inTime).price }]
  })
  const answers = new Map<string, Answer>()
  for (const [category, group] of Map.groupBy(winners, (winner) => winner.category)) {
    const sum = group.reduce((total, { price }) => total + price, 0)
    answers.set(`${category}`, { value: sum / group.length })
  }
  return answers
}

/** The auctions with the most bids of 10 s, every 2 s. */
export function hottestAuctions({ bids }: Auctions): Answers {
  const windows = new Map<number, Map<number, number>>()
  for (const { auction, dateTime } of bids) {
    const last = windowStart(dateTime, hopMs)
    for (let start = last; start > dateTime - windowMs; start -= hopMs) {
      const counts = windows.get(start) ?? new Map<number, number>()
      windows.set(start, counts.set(auction, (counts.get(auction) ?? 0) + 1))
    }
  }
  const answers = new Map<string, Answer>()
  for (const [start, counts] of windows) {
    const most = Math.max(...counts.values())
    const hottest = Array.from(counts)
      .filter(([, count]) => count === most)
      .map(([auction, count]) => ({ auction: `${auction}`, bids: count }))
    answers.set(`${start}`, { value: hottest, finalAt: start + windowMs })
  }
  return answers
}

/** The highest bid of each 10 s. */
export function highestBids({ bids }: Auctions): Answers {
  const windows = Map.groupBy(bids, ({ dateTime }) => windowStart(dateTime, windowMs))
  return new Map(
    Array.from(windows, ([start, group]) => [
      `${start}`,
      { value: highest(group), finalAt: start + windowMs },
    ]),
  )
}

/** Persons who came and opened auctions within the same 10 s. */
export function newSellers({ persons, auctions }: Auctions): Answers {
  const opened = Map.groupBy(
    auctions,
    ({ seller, dateTime }) => `${seller}@${windowStart(dateTime, windowMs)}`,
  )
  const answers = new Map<string, Answer>()
  for (const { id, name, dateTime } of persons) {
    const start = windowStart(dateTime, windowMs)
    const { length: count } = opened.get(`${id}@${start}`) ?? []
    if (count === 0) continue
    answers.set(`${id}@${start}`, { value: { name, auctions: count }, finalAt: start + windowMs })
  }
  return answers
}

/** How many bids each bidder made until there was none for 10 s. */
export function bidderSessions({ bids }: Auctions): Answers {
  const answers = new Map<string, Answer>()
  for (const [bidder, group] of Map.groupBy(bids, (bid) => bid.bidder)) {
    let times: number[] = []
    const close = () => {
      const end = times.at(-1) ?? 0
      const key = `${bidder}@${times[0]}-${end}`
      answers.set(key, { value: times.length, finalAt: end + gapMs })
    }
    for (const { dateTime } of group) {
      if (dateTime - (times.at(-1) ?? dateTime) > gapMs) {
        close()
        times = []
      }
      times.push(dateTime)
    }
    close()
  }
  return answers
}

/** The last bid of each bidder for each auction. */
export function lastBids({ bids }: Auctions): Answers {
  return new Map(bids.map((bid) => [`${bid.bidder}/${bid.auction}`, { value: bid }]))
}

function windowStart(time: number, everyMs: number): number {
  return time - (time % everyMs)
}

/** The first of those with the highest price. */
function highest(bids: readonly Bid[]): Bid {
  return bids.reduce((best, bid) => (bid.price > best.price ? bid : best))
}

/** As they can be compared: auctions that are equally hot come in any order. */
export function comparable(value: unknown): unknown {
  return Array.isArray(value) ? value.map((one) => JSON.stringify(one)).toSorted() : value
}
