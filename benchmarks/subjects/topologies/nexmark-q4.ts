import { json, string } from 'millrace'
import type { Auction, Bid } from '../../load/nexmark.ts'
import { eventQuery } from './nexmark-events.ts'
import { run } from './run.ts'

interface Winner {
  readonly category: number
  readonly price: number
}
interface Sum {
  readonly count: number
  readonly total: number
}

/** The average price of the winning bids of each category: a join in time, then two tables. */
export default eventQuery(({ auctions, bids }) => {
  const open = auctions
    .selectKey(({ id }) => `${id}`)
    .repartition('auctions', { key: string, value: json<Auction>() })
  bids
    .selectKey(({ auction }) => `${auction}`)
    .repartition('bids', { key: string, value: json<Bid>() })
    .join(
      'in-time',
      open,
      ({ price, dateTime }, { category, expires }) => ({ category, price, dateTime, expires }),
      // The auction is up to its whole length earlier than the bid.
      { within: { before: '10s', after: 0 } },
    )
    .filter(({ dateTime, expires }) => dateTime <= expires)
    .groupByKey()
    .aggregate('winners', {
      init: (): Winner => ({ category: -1, price: -1 }),
      add: (best, { category, price }) => (price > best.price ? { category, price } : best),
      value: json<Winner>(),
    })
    .groupBy('by-category', ({ category, price }) => [`${category}`, price], {
      key: string,
      value: json<number>(),
    })
    .aggregate('averages', {
      init: (): Sum => ({ count: 0, total: 0 }),
      add: ({ count, total }, price) => ({ count: count + 1, total: total + price }),
      subtract: ({ count, total }, price) => ({ count: count - 1, total: total - price }),
      value: json<Sum>(),
    })
    .mapValues(({ count, total }) => (count === 0 ? null : total / count))
    .to(run.output, { value: json<number>() })
})
