import { hopping, json, string } from 'millrace'
import { eventQuery } from './nexmark-events.ts'
import { run } from './run.ts'

interface Hot {
  readonly auction: string
  readonly bids: number
}

/** The auctions with the most bids of the last 10 s, every 2 s. */
export default eventQuery(({ bids }) => {
  bids
    .groupBy('by-auction', ({ auction }) => `${auction}`, { key: string })
    .windowedBy(hopping('10s', '2s'), { emit: 'final' })
    .count('bids')
    .toStream()
    .map((count, { key, start }): [string, Hot] => [`${start}`, { auction: key, bids: count }])
    .groupBy('by-window', (_, window) => window, { key: string, value: json<Hot>() })
    .aggregate('hottest', {
      init: (): Hot[] => [],
      add: (hottest, hot) => {
        const most = hottest[0]?.bids ?? 0
        if (hot.bids < most) return hottest
        return hot.bids > most ? [hot] : [...hottest, hot]
      },
      value: json<Hot[]>(),
    })
    .to(run.output, { value: json<Hot[]>() })
})
