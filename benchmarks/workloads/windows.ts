import { events, firstTimestamp, type LoadShape, outOfOrderMs } from '../load/events.ts'
import { keyOf, keyText } from '../load/keys.ts'
import { readCount } from './counts.ts'
import { eventsTopic } from './forward.ts'
import { Mistakes } from './mistakes.ts'
import type { Expectation, Workload } from './workload.ts'

export const windowMs = 10_000

/**
 * Rekey by a field through a repartition topic and count in tumbling windows of 10 s, grace 5 s,
 * each update out: each window's counts are 1…n in order. No record is later than 2 s, so a window
 * that ends below n has lost records.
 *
 * The output's key is the user and then the start of the window, 8 bytes big-endian (milliseconds):
 * Kafka Streams' own form.
 */
export const windows: Workload = {
  name: 'windows',
  title: 'rekey through a repartition topic, count in tumbling windows of 10 s, each update out',
  readsJson: true,
  inputs: (shape) => [eventsTopic(shape)],
  expectation: windowed,
}

/** Event time begins a little before the first event's, because of those out of order. */
const origin = Math.floor((firstTimestamp - outOfOrderMs) / windowMs)

function windowed(shape: LoadShape): Expectation {
  const expected = new Map<number, number>()
  for (const { user, timestamp } of events(shape)) {
    const cell = cellOf(shape, user, timestamp)
    expected.set(cell, (expected.get(cell) ?? 0) + 1)
  }
  const reached = new Map<number, number>()
  const mistakes = new Mistakes()
  return {
    records: shape.records,
    take({ key, value }) {
      const user = keyOf(key, 0, key.length - 8)
      const cell = cellOf(shape, user, readCount(key.subarray(key.length - 8)))
      const before = reached.get(cell) ?? 0
      const now = readCount(value)
      if (now !== before + 1) mistakes.add(() => `${keyText(user)}: ${now} after ${before}`)
      reached.set(cell, now)
    },
    verdict() {
      let missing = 0
      let short = 0
      for (const [cell, total] of expected) {
        const difference = total - (reached.get(cell) ?? 0)
        if (difference === 0) continue
        short++
        missing += difference
      }
      const of = `${short} of ${expected.size} windows`
      return short > 0 ? `${missing} records are not in ${of}` : mistakes.verdict()
    },
  }
}

/** A number for a key and a window. */
function cellOf(shape: LoadShape, key: number, timestamp: number): number {
  return (Math.floor(timestamp / windowMs) - origin) * shape.keys + key
}
