import { json, string, tumbling } from 'millrace'
import type { Auction, Person } from '../../load/nexmark.ts'
import { eventQuery } from './nexmark-events.ts'
import { run } from './run.ts'

interface NewSeller {
  readonly name: string | null
  readonly auctions: number
}

/** Persons who came and opened auctions within the same 10 s. */
export default eventQuery(({ persons, auctions }) => {
  const came = persons.groupBy('persons', ({ id }) => `${id}`, {
    key: string,
    value: json<Person>(),
  })
  const opened = auctions.groupBy('sellers', ({ seller }) => `${seller}`, {
    key: string,
    value: json<Auction>(),
  })
  came
    .cogroup((both: NewSeller, { name }) => ({ ...both, name }))
    .cogroup(opened, (both) => ({ ...both, auctions: both.auctions + 1 }))
    .windowedBy(tumbling('10s'), { emit: 'final' })
    .aggregate('new-sellers', {
      init: (): NewSeller => ({ name: null, auctions: 0 }),
      value: json<NewSeller>(),
    })
    .toStream()
    .filter(({ name, auctions: count }) => name !== null && count > 0)
    .map((seller, { key, start }) => [`${key}@${start}`, seller])
    .to(run.output, { key: string, value: json<NewSeller>() })
})
