import { int64, monotonous, string, topology, tumbling, type Windowed } from '../../../src/index.ts'
import { byKey, expectSame, pick, recordsOf, type Scenario } from '../scenario.ts'

const keys = ['north', 'south'] as const
const sizeMs = 1_000
const lagsMs = [0, 0, 1_500, 4_000] as const

/**
 * Two inputs, one of which sleeps and comes back with what is long late: time does not go back, so
 * a window that has closed is not told again, whoever has the task by then.
 */
export const stragglers: Scenario = {
  name: 'stragglers',
  make: () => ({
    topology: topology('stragglers', (t) => {
      const read = { key: string, value: int64, watermark: monotonous(), idleAfter: 300 }
      const punctual = t.stream('punctual', read)
      const straggling = t.stream('straggling', read)
      punctual
        .merge(straggling)
        .groupByKey()
        .windowedBy(tumbling(sizeMs), { emit: 'final' })
        .count('finals')
        .toStream()
        .map((count, { key, start }: Windowed<string>) => [`${key}@${start}`, count])
        .to('closed', { key: string, value: int64 })
    }),
    usesWallClock: true,
    inputs: {
      punctual: (random, nowMs) => ({ key: pick(random, keys), value: 1, timestamp: nowMs }),
      straggling: (random, nowMs) => {
        return { key: pick(random, keys), value: 1, timestamp: nowMs - pick(random, lagsMs) }
      },
    },
    verify: ({ inputs, outputs }) => {
      const written = new Map<string, number>()
      for (const topic of ['punctual', 'straggling']) {
        for (const { key, timestamp } of recordsOf(inputs, topic)) {
          const name = JSON.stringify(`${String(key)}@${timestamp - (timestamp % sizeMs)}`)
          written.set(name, (written.get(name) ?? 0) + 1)
        }
      }
      for (const [name, closings] of byKey(recordsOf(outputs, 'closed'))) {
        expectSame(`closings of ${name}`, closings.length, 1)
        const counted = Number(closings[0]?.value)
        // What was late is not in it.
        if (counted >= 1 && counted <= (written.get(name) ?? 0)) continue
        throw new Error(`${name} counts ${counted} of ${written.get(name)}`)
      }
    },
  }),
}
