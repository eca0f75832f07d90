/**
 * The events that most workloads read: seeded, so that every run reads the same records, and so
 * that what an engine made of them can be checked against a fold over the same events.
 */
import { keyBytes } from './keys.ts'
import { type KeySkew, keyDraw, seeded } from './random.ts'
import { type Event, eventEncoding, type ValueFormat } from './values.ts'

export interface LoadShape {
  readonly records: number
  /** Distinct keys. */
  readonly keys: number
  readonly skew: KeySkew
  /** Size of a value: its fields and filler. */
  readonly valueBytes: number
  readonly format: ValueFormat
  /** Events of a second of event time. */
  readonly eventRate: number
}

/** What the generator makes; written to a topic in this order. */
export interface InputRecord {
  readonly key: Uint8Array
  readonly value: Uint8Array | null
  readonly timestamp: number
}

export const outOfOrderMs = 2_000
const hourMs = 3_600_000

/**
 * Yesterday, on the hour. Not a fixed day: transaction markers carry the time of day, and a broker
 * begins a new segment when a batch is `segment.ms` (7 days) younger than the segment's first, so
 * over old events each transaction would roll every partition that it wrote to.
 */
export const firstTimestamp = (Math.floor(Date.now() / hourMs) - 24) * hourMs
const seed = 7

/** All events in the order in which they are written; the same object each time. */
export function* events(shape: LoadShape): Generator<Readonly<Event>> {
  const random = seeded(seed)
  const drawKey = keyDraw(shape.keys, shape.skew, random)
  const event: Event = { id: 0, key: 0, user: 0, amount: 0, timestamp: 0 }
  for (let id = 0; id < shape.records; id++) {
    event.id = id
    event.key = drawKey()
    event.user = drawKey()
    event.amount = Math.floor(random() * 10_000)
    const time = firstTimestamp + Math.floor((id * 1_000) / shape.eventRate)
    event.timestamp = time - Math.floor(random() * outOfOrderMs)
    yield event
  }
}

/** The same as records: what a topic of events holds. */
export function* eventRecords(shape: LoadShape): Generator<InputRecord> {
  const encode = eventEncoding(shape.format, shape.valueBytes)
  for (const event of events(shape)) {
    yield { key: keyBytes(event.key), value: encode(event), timestamp: event.timestamp }
  }
}
