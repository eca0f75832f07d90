import { json, string, tumbling } from 'millrace'
import type { Bid } from '../../load/nexmark.ts'
import { eventQuery } from './nexmark-events.ts'
import { run } from './run.ts'

/** The highest bid of each 10 s, told when they are over. */
export default eventQuery(({ bids }) => {
  bids
    .groupBy('all', () => 'all', { key: string, value: json<Bid>() })
    .windowedBy(tumbling('10s'), { emit: 'final' })
    .maxBy('highest', ({ price }) => price)
    .toStream()
    .map((bid, { start }) => [`${start}`, bid])
    .to(run.output, { key: string, value: json<Bid>() })
})
