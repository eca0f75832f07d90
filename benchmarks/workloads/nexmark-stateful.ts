/** Queries of NEXMark with state: what comes out is compared with a naive evaluation. */
import { isDeepStrictEqual } from 'node:util'
import type { LoadShape } from '../load/events.ts'
import { nexmarkEvents } from '../load/nexmark.ts'
import { parsedJson } from './json-values.ts'
import { Mistakes } from './mistakes.ts'
import { auctionShape, auctionTopic } from './nexmark.ts'
import {
  type Answer,
  type Answers,
  type Auctions,
  averagePrices,
  bidderSessions,
  byKind,
  comparable,
  highestBids,
  hottestAuctions,
  lastBids,
  localItems,
  newSellers,
} from './nexmark-answers.ts'
import type { Expectation, Workload } from './workload.ts'

type Evaluate = (auctions: Auctions) => Answers

export const nexmarkStateful: readonly Workload[] = [
  query('nexmark-q3', 'local sellers: a foreign-key join of two tables', localItems, once),
  query('nexmark-q4', 'average winning price per category', averagePrices, atLast),
  query('nexmark-q5', 'auctions with the most bids of 10 s, every 2 s', hottestAuctions, atLast),
  query('nexmark-q7', 'the highest bid of each 10 s', highestBids, once),
  query('nexmark-q8', 'persons who came and sold within 10 s', newSellers, once),
  query('nexmark-q11', 'bids of each bidder in sessions', bidderSessions, once),
  query('nexmark-q18', 'the last bid of each bidder for each auction', lastBids, atLast),
]

function query(
  name: string,
  title: string,
  evaluate: Evaluate,
  expect: (expected: Expected) => Expectation,
): Workload {
  return {
    name,
    title,
    readsJson: true,
    inputs: (shape) => [auctionTopic(shape)],
    expectation: (shape) => expect(evaluated(shape, evaluate)),
  }
}

/**
 * Until so long after its end a window may stay open: partitions of a backlog are not read in step,
 * and engines differ in how they allow for it. What is final later may be told or not.
 */
const graceMs = 10_000

interface Expected {
  readonly answers: Answers
  /** The keys of those that have to be told. */
  readonly owed: readonly string[]
}

function evaluated(shape: LoadShape, evaluate: Evaluate): Expected {
  const events = Array.from(nexmarkEvents(auctionShape(shape)))
  const answers = evaluate(byKind(events))
  const end = events.at(-1)?.dateTime ?? 0
  const isOwed = ({ finalAt }: Answer) => finalAt === undefined || finalAt + graceMs <= end
  const owed = Array.from(answers).flatMap(([key, answer]) => (isOwed(answer) ? [key] : []))
  return { answers, owed }
}

/** Each answer comes exactly once, in any order. */
function once({ answers, owed }: Expected): Expectation {
  const waiting = new Map(answers)
  const mistakes = new Mistakes()
  return {
    records: owed.length,
    recordsMax: answers.size,
    take({ key, value }) {
      const name = text(key)
      if (!isAnswer(waiting, name, value)) mistakes.add(() => `${name}: ${text(value)}`)
      waiting.delete(name)
    },
    verdict() {
      const missing = owed.filter((key) => waiting.has(key)).length
      return missing > 0 ? `${missing} of ${owed.length} are missing` : mistakes.verdict()
    },
  }
}

/** Answers change as events come; the last of each key is right. */
function atLast({ answers, owed }: Expected): Expectation {
  const right = new Set<string>()
  const mistakes = new Mistakes()
  return {
    records: owed.length,
    recordsMax: Number.POSITIVE_INFINITY,
    take({ key, value }) {
      const name = text(key)
      if (!answers.has(name)) mistakes.add(() => `${name}: ${text(value)}`)
      if (isAnswer(answers, name, value)) right.add(name)
      else right.delete(name)
    },
    verdict() {
      const wrong = owed.filter((key) => !right.has(key)).length
      return wrong > 0 ? `${wrong} of ${owed.length} end wrong` : mistakes.verdict()
    },
  }
}

function isAnswer(answers: Answers, name: string, value: Uint8Array): boolean {
  const expected = answers.get(name)
  if (expected === undefined) return false
  return isDeepStrictEqual(comparable(parsedJson(value)), comparable(expected.value))
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString()
}
