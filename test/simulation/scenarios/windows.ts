import { monotonous, int64, string, topology, tumbling, type Windowed } from '../../../src/index.ts'
import {
  byKey,
  expectSame,
  lastValues,
  pick,
  reachedIn,
  recordsOf,
  type Scenario,
} from '../scenario.ts'

const keys = ['north', 'east', 'south', 'west'] as const
const sizeMs = 2_000

function nameOf(key: string, windowMs: number): string {
  return `${key}@${windowMs}`
}

/** Counts per window: every change, and each closed window once with all that was in it. */
export const windows: Scenario = {
  name: 'windows',
  make: (random) => {
    const grouped = random() < 0.5
    return {
      topology: topology('windows', (t) => {
        const events = t.stream('events', {
          key: string,
          value: int64,
          watermark: monotonous(),
        })
        const keyed = grouped
          ? events.groupBy('by-key', (_value, key) => key, { key: string })
          : events.groupByKey()
        keyed
          .windowedBy(tumbling(sizeMs), { grace: '1h' })
          .count('changes')
          .toStream()
          .map((count, { key, start }: Windowed<string>) => [nameOf(key, start), count])
          .to('changed', { key: string, value: int64 })
        keyed
          .windowedBy(tumbling(sizeMs), { emit: 'final' })
          .count('finals')
          .toStream()
          .map((count, { key, start }: Windowed<string>) => [nameOf(key, start), count])
          .to('closed', { key: string, value: int64 })
      }),
      inputs: {
        events: (random, nowMs) => ({ key: pick(random, keys), value: 1, timestamp: nowMs }),
      },
      verify: ({ inputs, outputs, partitions }) => {
        const expected = new Map<string, number>()
        for (const { key, timestamp } of recordsOf(inputs, 'events')) {
          const name = JSON.stringify(nameOf(String(key), timestamp - (timestamp % sizeMs)))
          expected.set(name, (expected.get(name) ?? 0) + 1)
        }
        expectSame('changes', lastValues(recordsOf(outputs, 'changed')), expected)
        for (const [name, changes] of byKey(recordsOf(outputs, 'changed'))) {
          const values = changes.map(({ value }) => value)
          expectSame(
            `changes of ${name}`,
            values,
            values.map((_, i) => i + 1),
          )
        }
        const closed = byKey(recordsOf(outputs, 'closed'))
        for (const [name, closings] of closed) {
          const values = closings.map(({ value }) => value)
          expectSame(`closings of ${name}`, values, [expected.get(name)])
        }
        const events = recordsOf(inputs, 'events')
        // Behind a repartition topic all partitions of the input have to be there.
        const all = Array.from({ length: partitions }, (_, partition) => partition)
        for (const { key, partition, timestamp } of events) {
          const reached = reachedIn(events, grouped ? all : [partition])
          const startMs = timestamp - (timestamp % sizeMs)
          const name = JSON.stringify(nameOf(String(key), startMs))
          if (startMs + sizeMs > reached || closed.has(name)) continue
          throw new Error(`${name} has never closed, though the input is past it`)
        }
      },
    }
  },
}
