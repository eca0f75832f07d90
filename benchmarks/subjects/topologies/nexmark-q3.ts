import { json, string } from 'millrace'
import type { Auction, Person } from '../../load/nexmark.ts'
import { eventQuery } from './nexmark-events.ts'
import { run } from './run.ts'

interface LocalItem {
  readonly name: string
  readonly state: string
  readonly auction: number
}

/** Who in Oregon, Idaho or California sells items of one category: a join of two tables. */
export default eventQuery(({ persons, auctions }) => {
  const sellers = persons
    .filter(({ state }) => ['OR', 'ID', 'CA'].includes(state))
    .selectKey(({ id }) => `${id}`)
    .repartition('by-person', { key: string, value: json<Person>() })
    .toTable('sellers')
  const items = auctions
    .filter(({ category }) => category === 3)
    .selectKey(({ id }) => `${id}`)
    .repartition('by-auction', { key: string, value: json<Auction>() })
    .toTable('items')
  items
    .join('local-items', sellers, {
      foreignKey: ({ seller }) => `${seller}`,
      joiner: ({ id }, { name, state }): LocalItem => ({ name, state, auction: id }),
    })
    .to(run.output, { value: json<LocalItem>() })
})
