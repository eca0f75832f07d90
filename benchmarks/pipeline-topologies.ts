/** The topologies that `pipeline.ts` runs. */
import { bytes, json, monotonous, string, topology, type Topology, tumbling } from '../src/index.ts'

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
  /** As `countPerKey`, in windows of 10 s: 10 000 records of event time, so nearly as many keys. */
  countPerWindow: topology('count-per-window', (t) => {
    t.stream('input', { value: bytes, watermark: monotonous() })
      .groupByKey()
      .windowedBy(tumbling('10s'), { grace: '5s' })
      .count('counts')
      .to('output')
  }),
  /** With a row of 100 000: its value goes out in place of the record's. */
  tableJoin: topology('table-join', (t) => {
    const rows = t.table('table', { value: bytes })
    t.stream('input', { value: bytes })
      .join('joined', rows, (_, row) => row)
      .to('output', { value: bytes })
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
