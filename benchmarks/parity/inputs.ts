/** Seeded input with everything that makes engines differ. */
import { seeded } from '../load/random.ts'

export interface ParityRecord {
  readonly topic: string
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly timestamp: number
}

const encoder = new TextEncoder()
const keys = ['a', 'b', 'c', 'd']
const letters = 'abcd'
const begin = 1_000_000
const hourMs = 3_600_000

export interface InputShape {
  readonly topics: readonly string[]
  readonly records: number
  /** How much earlier than the latest record before it one may be, in milliseconds. */
  readonly lateMs: number
  /** Whether there are values of no bytes. */
  readonly empty: boolean
  readonly nullKeys: boolean
  readonly nullValues: boolean
}

/**
 * Null keys, tombstones, empty values, records out of order and late, and gaps in event time; in
 * the end a record in each topic that closes whatever is open. What an engine may leave out before
 * it looks at its time (null keys and values) is never the latest.
 */
export function* parityInput(seed: number, shape: InputShape): Generator<ParityRecord> {
  const { topics, lateMs } = shape
  const random = seeded(seed)
  const below = (limit: number) => Math.floor(random() * limit)
  let now = begin
  let latest = begin
  for (let at = 0; at < shape.records; at++) {
    const noKey = at > 0 && below(20) === 0 && shape.nullKeys
    const key = noKey ? null : encoder.encode(keys[below(keys.length)])
    const noValue = at > 0 && below(8) === 0 && shape.nullValues
    const value = noValue ? null : encoder.encode(word(below, shape.empty))
    now += below(12) === 0 ? below(20_000) : below(900)
    const drawn = below(4) === 0 ? latest - below(lateMs) : now
    const timestamp = key === null || value === null ? Math.min(drawn, latest) : drawn
    latest = Math.max(latest, timestamp)
    yield { topic: topics[below(topics.length)] ?? '', key, value, timestamp }
  }
  for (const topic of topics) {
    yield { topic, key: encoder.encode('z'), value: encoder.encode('z'), timestamp: now + hourMs }
  }
}

function word(below: (limit: number) => number, empty: boolean): string {
  const length = empty && below(12) === 0 ? 0 : 1 + below(3)
  return Array.from({ length }, () => letters[below(letters.length)]).join('')
}
