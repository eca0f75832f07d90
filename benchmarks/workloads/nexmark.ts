/** Queries 0, 1 and 2 of NEXMark: what each bid comes to, in the order of its partition. */
import { isDeepStrictEqual } from 'node:util'
import { murmur2, partitionOfHash } from '../../src/model/murmur2.ts'
import type { LoadShape } from '../load/events.ts'
import {
  type Bid,
  nexmarkEvents,
  nexmarkKey,
  nexmarkRecords,
  type NexmarkShape,
} from '../load/nexmark.ts'
import { parsedJson } from './json-values.ts'
import { Mistakes } from './mistakes.ts'
import type { Expectation, InputTopic, Workload } from './workload.ts'

/** What comes of a bid; undefined when nothing does. */
type Answer = (bid: Bid) => Readonly<Record<string, unknown>> | undefined

const dollarsToEuros = 0.908
const wantedAuctions = 123

export const nexmark: readonly Workload[] = [
  query('nexmark-q0', 'each bid, read and written', (bid) => {
    const { auction, bidder, price, dateTime, extra } = bid
    return { auction, bidder, price, dateTime, extra }
  }),
  query('nexmark-q1', 'each bid with its price in euros', (bid) => {
    const { auction, bidder, price, dateTime, extra } = bid
    return { auction, bidder, price: dollarsToEuros * price, dateTime, extra }
  }),
  query('nexmark-q2', 'bids for one auction in 123', ({ auction, price }) =>
    auction % wantedAuctions === 0 ? { auction, price } : undefined,
  ),
]

function query(name: string, title: string, answer: Answer): Workload {
  return {
    name,
    title,
    readsJson: true,
    inputs: (shape) => [auctionTopic(shape)],
    expectation: (shape: LoadShape, partitions: number) =>
      answered(auctionShape(shape), partitions, answer),
  }
}

/** The topic that all queries read. */
export function auctionTopic(shape: LoadShape): InputTopic {
  return {
    role: 'nexmark',
    counted: true,
    content: 'nexmark',
    size: shape.records,
    records: () => nexmarkRecords(auctionShape(shape)),
  }
}

/** A tenth of the others' event rate: of a million events there are ten windows of 10 s then. */
export function auctionShape({ records, eventRate }: LoadShape): NexmarkShape {
  return { records, eventRate: eventRate / 10 }
}

interface Expected {
  readonly partition: number
  readonly key: Uint8Array
  readonly value: unknown
}

function answered(shape: NexmarkShape, partitions: number, answer: Answer): Expectation {
  const mistakes = new Mistakes()
  let records = 0
  for (const _ of answers(shape, partitions, answer)) records++
  const waiting = Array.from({ length: partitions }, (_, partition) =>
    answers(shape, partitions, answer, partition),
  )
  let left = records
  return {
    records,
    take({ partition, key, value }) {
      const expected: Expected | undefined = waiting[partition]?.next().value ?? undefined
      const isRight =
        expected !== undefined &&
        Buffer.compare(key, expected.key) === 0 &&
        isDeepStrictEqual(parsedJson(value), expected.value)
      if (!isRight) mistakes.add(() => `${Buffer.from(value).toString()} in ${partition}`)
      left--
    },
    verdict: () => (left > 0 ? `${left} records are missing` : mistakes.verdict()),
  }
}

/** The answers in order; of one partition alone where one is named. */
function* answers(
  shape: NexmarkShape,
  partitions: number,
  answer: Answer,
  only?: number,
): Generator<Expected, undefined> {
  for (const event of nexmarkEvents(shape)) {
    if (event.kind !== 'bid') continue
    const value = answer(event)
    if (value === undefined) continue
    const key = nexmarkKey(event)
    const partition = partitionOfHash(murmur2(key, 0, key.length), partitions)
    if (only === undefined || only === partition) yield { partition, key, value }
  }
}
