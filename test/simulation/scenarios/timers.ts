import { int64, json, monotonous, string, topology, valueState } from '../../../src/index.ts'
import { byKey, expectSame, pick, recordsOf, type Scenario } from '../scenario.ts'

const keys = ['a', 'b', 'c', 'd', 'e'] as const
const afterMs = 800

interface Rung {
  readonly time: number
  readonly seen: number
}

/** Each timer rings once, at its time, between what comes before and what comes after it. */
export const timers: Scenario = {
  name: 'timers',
  make: () => ({
    topology: topology('timers', (t) => {
      t.stream('events', { key: string, value: int64, watermark: monotonous() })
        .groupByKey()
        .process('alarm', {
          out: json<Rung>(),
          state: { seen: valueState(int64) },
          onRecord(ctx) {
            ctx.state.seen.set((ctx.state.seen.get() ?? 0) + 1)
            ctx.timers.eventTime(ctx.timestamp + afterMs)
          },
          onTimer(ctx, { time }) {
            ctx.emit({ time, seen: ctx.state.seen.get() ?? 0 })
          },
        })
        .to('alarms', { value: json<Rung>() })
    }),
    inputs: {
      events: (random, nowMs) => ({ key: pick(random, keys), value: 1, timestamp: nowMs }),
    },
    verify: ({ inputs, outputs }) => {
      const events = recordsOf(inputs, 'events')
      const alarms = byKey(recordsOf(outputs, 'alarms'))
      for (const [key, mine] of byKey(events)) {
        const rung = (alarms.get(key) ?? []).map(({ value }) => value as Rung)
        const times = rung.map(({ time }) => time)
        const asked = [...new Set(mine.map(({ timestamp }) => timestamp + afterMs))]
        const [first] = mine
        const partition = events.filter((event) => event.partition === first?.partition)
        const lastMs = Math.max(...partition.map(({ timestamp }) => timestamp))
        // What the partition has passed has rung; what it has just reached may have.
        const due = asked.filter((time) => time < lastMs)
        const reached = asked.filter((time) => time === lastMs && times.includes(time))
        expectSame(`alarms of ${key}`, times, [...due, ...reached])
        // It rings behind the record that takes the watermark there.
        const seenUntil = (rings: (timestamp: number) => boolean) => {
          const at = partition.findIndex(({ timestamp }) => rings(timestamp))
          const passed = at < 0 ? partition : partition.slice(0, at + 1)
          return passed.filter((event) => event.key === first?.key).length
        }
        for (const { time, seen } of rung) {
          const right = [seenUntil((at) => at >= time), seenUntil((at) => at > time)]
          if (right.includes(seen)) continue
          throw new Error(`the alarm of ${key} at ${time} saw ${seen}, not ${right.join(' or ')}`)
        }
      }
    },
  }),
}
