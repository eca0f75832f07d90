import { isDeepStrictEqual } from 'node:util'
import type { LoadShape } from '../load/events.ts'
import { keyOf } from '../load/keys.ts'
import { type Event, eventText } from '../load/values.ts'
import { EventSequence } from './event-sequence.ts'
import { eventsTopic } from './forward.ts'
import { parsedJson } from './json-values.ts'
import { Mistakes } from './mistakes.ts'
import type { Expectation, Workload } from './workload.ts'

/** Events with less than this amount go: one in ten. */
const amountMin = 1_000

/** Parse JSON, keep nine in ten, double a field, write JSON: the values exactly, in order. */
export const passthrough: Workload = {
  name: 'passthrough',
  title: 'parse JSON, keep 90 %, change a field, write JSON',
  readsJson: true,
  inputs: (shape) => [eventsTopic(shape)],
  expectation: kept,
}

function kept(shape: LoadShape, partitions: number): Expectation {
  const sequence = new EventSequence(shape, partitions, ({ amount }) => amount >= amountMin)
  const mistakes = new Mistakes()
  return {
    records: sequence.records,
    take({ partition, key, value }) {
      const event = sequence.next(partition)
      const isRight =
        event !== undefined && keyOf(key) === event.key && isChanged(value, event, shape)
      if (!isRight) mistakes.add(() => `partition ${partition}, event ${event?.id}`)
    },
    verdict: () =>
      sequence.left > 0 ? `${sequence.left} records are missing` : mistakes.verdict(),
  }
}

/** Whether these bytes are the event with twice its amount, as JSON in any form. */
function isChanged(value: Uint8Array, event: Readonly<Event>, shape: LoadShape): boolean {
  const before = eventText(event, shape.valueBytes)
  const text = Buffer.from(value.buffer, value.byteOffset, value.length).toString('latin1')
  const after = before.replace(`"amount":${event.amount}`, `"amount":${event.amount * 2}`)
  return text === after || isDeepStrictEqual(parsedJson(value), JSON.parse(after))
}
