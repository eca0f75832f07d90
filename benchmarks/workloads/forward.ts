import { eventRecords, type LoadShape } from '../load/events.ts'
import { keyOf } from '../load/keys.ts'
import { eventEncoding } from '../load/values.ts'
import { EventSequence } from './event-sequence.ts'
import { Mistakes } from './mistakes.ts'
import type { Expectation, InputTopic, Workload } from './workload.ts'

/** Every record as it is: the output is the input, partition by partition, byte by byte. */
export const forward: Workload = {
  name: 'forward',
  title: 'every record as it is, nothing parsed',
  readsJson: false,
  inputs: (shape) => [eventsTopic(shape)],
  expectation: forwarded,
}

/** The topic that most workloads read. */
export function eventsTopic(shape: LoadShape): InputTopic {
  return {
    role: 'events',
    counted: true,
    content: 'events',
    size: shape.records,
    records: () => eventRecords(shape),
  }
}

function forwarded(shape: LoadShape, partitions: number): Expectation {
  const sequence = new EventSequence(shape, partitions)
  const encode = eventEncoding(shape.format, shape.valueBytes)
  const mistakes = new Mistakes()
  return {
    records: sequence.records,
    take({ partition, key, value, timestamp }) {
      const event = sequence.next(partition)
      const isRight =
        event !== undefined &&
        keyOf(key) === event.key &&
        timestamp === event.timestamp &&
        Buffer.compare(encode(event), value) === 0
      if (!isRight) mistakes.add(() => `partition ${partition}, event ${event?.id}`)
    },
    verdict: () =>
      sequence.left > 0 ? `${sequence.left} records are missing` : mistakes.verdict(),
  }
}
