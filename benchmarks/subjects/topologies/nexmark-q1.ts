import { bidQuery } from './nexmark.ts'

/** Each bid with its price in euros. */
export default bidQuery((bids) =>
  bids.mapValues(({ auction, bidder, price, dateTime, extra }) => {
    return { auction, bidder, price: 0.908 * price, dateTime, extra }
  }),
)
