import { json, session, string } from 'millrace'
import { eventQuery } from './nexmark-events.ts'
import { run } from './run.ts'

/** The bids of each bidder in a session, which ends after 10 s without one. */
export default eventQuery(({ bids }) => {
  bids
    .groupBy('by-bidder', ({ bidder }) => `${bidder}`, { key: string })
    .windowedBy(session('10s'), { emit: 'final' })
    .count('sessions')
    .toStream()
    .map((count, { key, start, end }) => [`${key}@${start}-${end}`, count])
    .to(run.output, { key: string, value: json<number>() })
})
