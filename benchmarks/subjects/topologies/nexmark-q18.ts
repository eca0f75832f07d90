import { json, string } from 'millrace'
import type { Bid } from '../../load/nexmark.ts'
import { eventQuery } from './nexmark-events.ts'
import { run } from './run.ts'

/** The last bid of each bidder for each auction. */
export default eventQuery(({ bids }) => {
  bids
    .groupBy('by-bidder', ({ bidder, auction }) => `${bidder}/${auction}`, {
      key: string,
      value: json<Bid>(),
    })
    .reduce('last', (_, bid) => bid, { emit: 'commit' })
    .to(run.output, { value: json<Bid>() })
})
