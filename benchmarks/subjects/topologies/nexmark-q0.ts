import { bidQuery } from './nexmark.ts'

/** Each bid, read and written. */
export default bidQuery((bids) =>
  bids.mapValues(({ auction, bidder, price, dateTime, extra }) => {
    return { auction, bidder, price, dateTime, extra }
  }),
)
