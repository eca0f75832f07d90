/**
 * The auction of the NEXMark benchmark (Tucker et al., "NEXMark – a benchmark for queries over data
 * streams"): of fifty events one is a new person, three are new auctions and the rest are bids,
 * half of which go to a few hot auctions. Own and seeded: the same events each time.
 */
import { firstTimestamp, type InputRecord } from './events.ts'
import { type Random, seeded } from './random.ts'

export interface Person {
  readonly kind: 'person'
  readonly id: number
  readonly name: string
  readonly state: string
  readonly dateTime: number
  readonly extra: string
}

export interface Auction {
  readonly kind: 'auction'
  readonly id: number
  readonly seller: number
  readonly category: number
  readonly initialBid: number
  readonly expires: number
  readonly dateTime: number
  readonly extra: string
}

export interface Bid {
  readonly kind: 'bid'
  readonly auction: number
  readonly bidder: number
  readonly price: number
  readonly channel: string
  readonly dateTime: number
  readonly extra: string
}

export type NexmarkEvent = Person | Auction | Bid

export interface NexmarkShape {
  readonly records: number
  /** Events of a second of event time. */
  readonly eventRate: number
}

const seed = 23
const period = 50
const personsOfPeriod = 1
const auctionsOfPeriod = 3
/** Auctions that are open, and persons that are active: the latest ones. */
const openAuctions = 100
const activePersons = 1_000
const hotEvery = 100
const categories = 5
const auctionMs = 10_000
const states = ['AZ', 'CA', 'ID', 'OR', 'WA', 'WY']
const channels = ['Google', 'Facebook', 'Baidu', 'Apple']
const filler = 'x'.repeat(20)

/** All events in the order in which they are written; their times do not go back. */
export function* nexmarkEvents(shape: NexmarkShape): Generator<NexmarkEvent> {
  const random = seeded(seed)
  for (let n = 0; n < shape.records; n++) {
    const turn = n % period
    const periods = Math.floor(n / period)
    const dateTime = firstTimestamp + Math.floor((n * 1_000) / shape.eventRate)
    // There is a first person, and a first auction, before anybody bids.
    const persons = periods * personsOfPeriod + Math.min(turn, personsOfPeriod)
    const auctions =
      periods * auctionsOfPeriod + Math.min(Math.max(0, turn - personsOfPeriod), auctionsOfPeriod)
    if (turn < personsOfPeriod) yield person(persons, dateTime, random)
    else if (turn < personsOfPeriod + auctionsOfPeriod) {
      yield auction(auctions, oneOfLast(persons, activePersons, random), dateTime, random)
    } else yield bid(auctions, oneOfLast(persons, activePersons, random), dateTime, random)
  }
}

/** The same as JSON: persons by their own id, auctions and bids by the auction's. */
export function* nexmarkRecords(shape: NexmarkShape): Generator<InputRecord> {
  for (const event of nexmarkEvents(shape)) {
    const value = text.encode(JSON.stringify(event))
    yield { key: nexmarkKey(event), value, timestamp: event.dateTime }
  }
}

const text = new TextEncoder()

export function nexmarkKey(event: NexmarkEvent): Uint8Array {
  if (event.kind === 'person') return text.encode(`p${event.id}`)
  return text.encode(`a${event.kind === 'bid' ? event.auction : event.id}`)
}

function person(id: number, dateTime: number, random: Random): Person {
  const state = oneOf(states, random)
  return { kind: 'person', id, name: `person ${id}`, state, dateTime, extra: filler }
}

function auction(id: number, seller: number, dateTime: number, random: Random): Auction {
  const category = Math.floor(random() * categories)
  const expires = dateTime + Math.floor(random() * auctionMs)
  const initialBid = price(random)
  return { kind: 'auction', id, seller, category, initialBid, expires, dateTime, extra: filler }
}

function bid(auctions: number, bidder: number, dateTime: number, random: Random): Bid {
  const isHot = random() < 0.5
  const hot = Math.floor((auctions - 1) / hotEvery) * hotEvery
  const auction = isHot ? hot : oneOfLast(auctions, openAuctions, random)
  const channel = oneOf(channels, random)
  return { kind: 'bid', auction, bidder, price: price(random), channel, dateTime, extra: filler }
}

/** Cents, from one to ten thousand dollars, as many of each order of magnitude. */
function price(random: Random): number {
  return Math.round(10 ** (random() * 4) * 100)
}

function oneOfLast(count: number, last: number, random: Random): number {
  return count - 1 - Math.floor(random() * Math.min(count, last))
}

function oneOf(words: readonly string[], random: Random): string {
  return words[Math.floor(random() * words.length)] ?? ''
}
