/** The topologies that `pipeline.ts` runs. */
import { bytes, json, string, topology, type Topology } from '../src/index.ts'

interface Order {
  readonly id: number
  readonly amount: number
}

export const topologies: Readonly<Record<string, Topology>> = {
  /** Key and value go through as bytes. */
  passthrough: topology('passthrough', (t) => {
    t.stream('input', { value: bytes }).to('output')
  }),
  /** Each update goes out; each changed key once an epoch to the changelog. */
  countPerKey: topology('count-per-key', (t) => {
    t.stream('input', { value: bytes }).groupByKey().count('counts').to('output')
  }),
  /** The last count of a key and epoch goes out. */
  countPerKeyAtCommit: topology('count-at-commit', (t) => {
    t.stream('input', { value: bytes })
      .groupByKey()
      .count('counts', { emit: 'commit' })
      .to('output')
  }),
  /** The first half of word count: about six words a record, to a topic that carries keys only. */
  words: topology('words', (t) => {
    t.stream('input', { value: string })
      .flatMapValues((line) => line.match(/\p{L}+/gu) ?? [])
      .groupBy('by-word', (word) => word, { key: string })
      .count('counts')
  }),
  /** Parses, keeps about 90 %, changes a field, writes. */
  jsonFilter: topology('json-filter', (t) => {
    t.stream('input', { value: json<Order>() })
      .filter((order) => order.amount >= 100)
      .mapValues((order) => ({ ...order, amount: order.amount * 2 }))
      .to('output')
  }),
}
