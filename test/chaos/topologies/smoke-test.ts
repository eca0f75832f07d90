/** After Kafka Streams SmokeTest: every kind of aggregation over one stream, and tables of them. */
import {
  double,
  hopping,
  int32,
  int64,
  json,
  monotonous,
  string,
  topology,
  tumbling,
  untilWindowCloses,
  windowed,
} from 'millrace'

const dayMs = 86_400_000

export default topology('smoke-test', { key: string }, (t) => {
  const data = t
    .stream('data', { value: int32, watermark: monotonous() })
    .filter((_, key) => key !== 'flush')
  data.to('echo')
  const keyed = data.groupByKey()
  const days = keyed.windowedBy(tumbling(dayMs), { grace: '1m' })
  const smallest = (value: number) => value

  const min = days.min('window-min', smallest, { value: int32 })
  min.to('min-raw', { key: windowed(string, dayMs) })
  min.suppress('min-closed', untilWindowCloses()).to('min-suppressed')
  const toKeys = (value: number, { key }: { readonly key: string }) => [key, value] as const
  min.toStream().map(toKeys).to('min', { key: string, value: int32 })

  const sums = keyed.windowedBy(hopping('2s', '1s'), { grace: '30s', emit: 'final' })
  sums.sum('hopping-sum', smallest, { value: int64 }).to('sws-suppressed')

  keyed.max('all-max', smallest, { value: int32 }).to('max')
  keyed.sum('all-sum', smallest, { value: int64 }).to('sum')
  keyed.count('all-count').to('cnt')

  const table = (topic: string, value: typeof int32) => t.table(topic, { value })
  table('max', int32)
    .join('with-min', table('min', int32), (max, least) => max - least)
    .to('dif', { value: int32 })
  const counts = t.table('cnt', { value: int64 })
  t.table('sum', { value: int64 })
    .join('with-count', counts, (sum, count) => sum / count)
    .to('avg', { value: double })
  counts
    .groupBy('by-count', (count) => [String(count), count], { value: json<number>() })
    .count('keys-by-count')
    .to('tagg')
})
