import { bidQuery } from './nexmark.ts'

/** Bids for one auction in 123. */
export default bidQuery((bids) =>
  bids
    .filter(({ auction }) => auction % 123 === 0)
    .mapValues(({ auction, price }) => ({ auction, price })),
)
