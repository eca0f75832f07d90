import { firstTimestamp, type InputRecord, type LoadShape, outOfOrderMs } from '../load/events.ts'
import { keyBytes, keyOf, keyText } from '../load/keys.ts'
import { EventSequence } from './event-sequence.ts'
import { eventsTopic } from './forward.ts'
import { numbersOf } from './json-values.ts'
import { Mistakes } from './mistakes.ts'
import type { Expectation, Workload } from './workload.ts'

/**
 * Each event with the row of its key in a table, which is complete before the first event by time.
 * A tenth of the rows come twice: an engine that joins before the table has been read, or with the
 * first row of a key, is found out.
 */
export const tableJoin: Workload = {
  name: 'table-join',
  title: 'each event joined with its row of a table, JSON on both sides',
  readsJson: true,
  inputs: (shape) => [
    eventsTopic(shape),
    {
      role: 'table',
      counted: false,
      content: 'table',
      size: shape.keys + Math.ceil(shape.keys / 10),
      records: () => rows(shape),
    },
  ],
  expectation: joined,
}

const tiers = 7
const staleTier = 99
const text = new TextEncoder()

function tierOf(key: number): number {
  return (Math.imul(key, 2_654_435_761) >>> 8) % tiers
}

/** `{"name":"k…","tier":…}`; every tenth key has a stale row first. */
function* rows(shape: LoadShape): Generator<InputRecord> {
  const last = firstTimestamp - outOfOrderMs - 1_000
  for (let key = 0; key < shape.keys; key += 10) yield row(key, staleTier, last - 1_000)
  for (let key = 0; key < shape.keys; key++) yield row(key, tierOf(key), last)
}

function row(key: number, tier: number, timestamp: number): InputRecord {
  const value = text.encode(`{"name":"${keyText(key)}","tier":${tier}}`)
  return { key: keyBytes(key), value, timestamp }
}

function joined(shape: LoadShape, partitions: number): Expectation {
  const sequence = new EventSequence(shape, partitions)
  const mistakes = new Mistakes()
  return {
    records: sequence.records,
    take({ partition, key, value }) {
      const event = sequence.next(partition)
      const [id, amount, tier] = numbersOf(value, ['id', 'amount', 'tier'])
      const isRight =
        event !== undefined &&
        keyOf(key) === event.key &&
        id === event.id &&
        amount === event.amount &&
        tier === tierOf(event.key)
      if (!isRight) mistakes.add(() => `event ${event?.id} of partition ${partition}: tier ${tier}`)
    },
    verdict: () =>
      sequence.left > 0 ? `${sequence.left} records are missing` : mistakes.verdict(),
  }
}
