import { json, monotonous, string, topology, tumbling } from 'millrace'

/** How often the pages of each region were looked at in each minute, told once it is over. */
export default topology('views-by-region', (t) => {
  const profiles = t.table('profiles', { value: json<{ region: string }>() })
  t.stream('page-views', { value: string, watermark: monotonous(), idleAfter: '10s' })
    .join('with-region', profiles, (page, { region }) => `${region} ${page}`)
    .groupBy('by-region-and-page', (regionAndPage) => regionAndPage, { key: string })
    .windowedBy(tumbling('1m'), { grace: '10s', emit: 'final' })
    .count('views')
    .toStream()
    .map((count, { key, start }) => [key, { count, minute: new Date(start).toISOString() }])
    .to('views-by-region', { key: string, value: json<{ count: number; minute: string }>() })
})
