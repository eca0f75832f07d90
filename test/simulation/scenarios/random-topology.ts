/** Topologies that are drawn: operators one behind the other, and what they end in. */
import { int32, int64, monotonous, topology } from '../../../src/index.ts'
import { expectSame, reachedIn, recordsOf, type Scenario } from '../scenario.ts'
import { ends, type Item } from './ends.ts'
import { drawLinks, whole } from './links.ts'

export const randomTopology: Scenario = {
  name: 'random-topology',
  make: (random) => {
    const links = drawLinks(random)
    const chosen = ends.filter(() => random() < 0.35)
    const emit = random() < 0.5 ? 'update' : 'commit'
    return {
      topology: topology('random-topology', (t) => {
        const read = { key: int32, value: int64, watermark: monotonous() }
        const one = t.stream('numbers', read)
        const numbers = one.merge(t.stream('others', read))
        const last = links.reduce((stream, { apply }, i) => apply(stream, `part-${i}`), numbers)
        last.to('passed', { key: int32, value: int64 })
        for (const end of chosen) end.attach(last, emit)
      }),
      inputs: {
        numbers: (random) => ({ key: whole(random, 0, 12), value: whole(random, 0, 1_000) }),
        others: (random) => ({ key: whole(random, 6, 18), value: whole(random, 0, 1_000) }),
      },
      verify: ({ inputs, outputs, partitions }) => {
        const [numbers, others] = [recordsOf(inputs, 'numbers'), recordsOf(inputs, 'others')]
        const all = Array.from({ length: partitions }, (_, partition) => partition)
        const reached = Math.min(reachedIn(numbers, all), reachedIn(others, all))
        const items = [...numbers, ...others].flatMap(({ key, value, timestamp }) => {
          const pair = { key: Number(key), value: Number(value) }
          const left = links.reduce((some, { naive }) => some.flatMap(naive), [pair])
          return left.map((one): Item => ({ ...one, timestamp }))
        })
        const named = ({ key, value }: { readonly key: unknown; readonly value: unknown }) =>
          `${String(key)}:${String(value)}`
        const passed = recordsOf(outputs, 'passed').map(named)
        expectSame('records passed', passed.toSorted(), items.map(named).toSorted())
        for (const { topic, verify } of chosen) verify(recordsOf(outputs, topic), items, reached)
      },
    }
  },
}
