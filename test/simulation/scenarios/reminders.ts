import { int64, mapState, string, topology, valueState } from '../../../src/index.ts'
import { byKey, expectSame, pick, recordsOf, type Scenario } from '../scenario.ts'

const keys = ['a', 'b', 'c'] as const
const afterMs = 400

/**
 * What was noted is told once when the machine's clock says so: epochs of output and state in
 * which no position moves.
 */
export const reminders: Scenario = {
  name: 'reminders',
  make: () => ({
    topology: topology('reminders', (t) => {
      t.stream('notes', { key: string, value: int64 })
        .groupByKey()
        .process('remind', {
          out: int64,
          state: { seen: valueState(int64), waiting: mapState(int64, int64) },
          onRecord(ctx, note) {
            const seen = ctx.state.seen.get() ?? 0
            ctx.state.seen.set(seen + 1)
            ctx.state.waiting.set(seen, note)
            ctx.timers.wallTime(ctx.wallTime + afterMs)
          },
          onTimer(ctx) {
            for (const note of ctx.state.waiting.values()) ctx.emit(note)
            ctx.state.waiting.clear()
          },
        })
        .to('reminded', { value: int64 })
    }),
    usesWallClock: true,
    inputs: {
      notes: (random) => ({ key: pick(random, keys), value: Math.floor(random() * 1e9) }),
    },
    verify: ({ inputs, outputs }) => {
      const reminded = byKey(recordsOf(outputs, 'reminded'))
      for (const [key, notes] of byKey(recordsOf(inputs, 'notes'))) {
        const found = (reminded.get(key) ?? []).map(({ value }) => value)
        // The run ends before the last ones, and clocks that were set back take long.
        const written = notes.map(({ value }) => value).slice(0, found.length)
        expectSame(`reminders of ${key}`, found, written)
      }
    },
  }),
}
