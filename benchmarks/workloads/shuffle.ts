import { firstTimestamp, type InputRecord, type LoadShape } from '../load/events.ts'
import { keyBytes, keyOf, keyText } from '../load/keys.ts'
import { seeded } from '../load/random.ts'
import { Mistakes } from './mistakes.ts'
import type { Expectation, Workload } from './workload.ts'

/**
 * After ShuffleBench (Henning et al., ICPE 2024): records of 1 KiB that nobody parses go to those
 * of many consumers whose rule matches, a fifth of the records to one and the others to none. A
 * consumer folds its records into 32 bytes of state, and tells these of each ten.
 *
 * The rules are that of ranges with one value each: consumer n wants records whose attribute, the
 * first four bytes, is 5 n. Here the records of a consumer have its key already, so that they come
 * in one order and which ten an event is of is determined; they are shuffled all the same.
 */
export const shuffle: Workload = {
  name: 'shuffle',
  title: 'ShuffleBench-like: records of 1 KiB to the consumers that want them, an event of each 10',
  readsJson: false,
  inputs: (shape) => [
    {
      role: 'records',
      counted: true,
      content: 'kibibytes',
      size: shape.records,
      records: () => records(shape),
    },
  ],
  expectation: consumed,
}

const valueBytes = 1_024
/** Of so many attributes one is wanted. */
const attributesOfConsumer = 5
const recordsOfEvent = 10
/** A tenth of the keys, so that most consumers tell something of a million records. */
const keysOfConsumer = 10

interface Attributed {
  readonly key: number
  readonly attribute: number
  readonly amount: number
  readonly timestamp: number
}

function* attributed(shape: LoadShape): Generator<Attributed> {
  const random = seeded(31)
  const consumers = Math.max(1, Math.floor(shape.keys / keysOfConsumer))
  const attributes = consumers * attributesOfConsumer
  for (let id = 0; id < shape.records; id++) {
    const attribute = Math.floor(random() * attributes)
    const amount = Math.floor(random() * 10_000)
    const timestamp = firstTimestamp + Math.floor((id * 1_000) / shape.eventRate)
    yield { key: Math.floor(attribute / attributesOfConsumer), attribute, amount, timestamp }
  }
}

/** Attribute, amount, and bytes that do not compress. */
function* records(shape: LoadShape): Generator<InputRecord> {
  const random = seeded(37)
  const noise = Uint8Array.from({ length: 64 * valueBytes }, () => Math.floor(random() * 256))
  for (const { key, attribute, amount, timestamp } of attributed(shape)) {
    const start = Math.floor(random() * (noise.length - valueBytes))
    const value = noise.slice(start, start + valueBytes)
    const view = new DataView(value.buffer)
    view.setUint32(0, attribute)
    view.setUint32(4, amount)
    yield { key: keyBytes(key), value, timestamp }
  }
}

interface Told {
  readonly sum: number
  readonly first: number
  readonly last: number
}

function consumed(shape: LoadShape): Expectation {
  const waiting = new Map<number, Told[]>()
  const open = new Map<number, { count: number; sum: number; first: number }>()
  let events = 0
  for (const { key, attribute, amount, timestamp } of attributed(shape)) {
    if (attribute % attributesOfConsumer !== 0) continue
    const state = open.get(key) ?? { count: 0, sum: 0, first: timestamp }
    open.set(key, state)
    state.count++
    state.sum += amount
    if (state.count < recordsOfEvent) continue
    open.delete(key)
    const told = waiting.get(key) ?? []
    waiting.set(key, told)
    told.push({ sum: state.sum, first: state.first, last: timestamp })
    events++
  }
  for (const told of waiting.values()) told.reverse()
  return compared(waiting, events)
}

/** @param waiting What each consumer has still to tell, the next at the end. */
function compared(waiting: ReadonlyMap<number, Told[]>, events: number): Expectation {
  const mistakes = new Mistakes()
  let left = events
  return {
    records: events,
    take({ key, value }) {
      const consumer = keyOf(key)
      const expected = waiting.get(consumer)?.pop()
      if (!isTold(expected, value)) mistakes.add(() => `${keyText(consumer)} tells otherwise`)
      left--
    },
    verdict: () => (left > 0 ? `${left} events are missing` : mistakes.verdict()),
  }
}

/** Count, sum, first and last time as doubles. */
function isTold(expected: Told | undefined, value: Uint8Array): boolean {
  if (expected === undefined || value.length !== 32) return false
  const view = new DataView(value.buffer, value.byteOffset, value.length)
  return (
    view.getFloat64(0) === recordsOfEvent &&
    view.getFloat64(8) === expected.sum &&
    view.getFloat64(16) === expected.first &&
    view.getFloat64(24) === expected.last
  )
}
