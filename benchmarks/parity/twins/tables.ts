import { int64 } from 'millrace'
import { both, first, table, type Twins, weight } from './text.ts'

const even = (value: string) => weight(value) % 2 === 0

export const tables: Twins = {
  table: (t) => table(t, 'a').to('out'),
  'table-filter': (t) => table(t, 'a').filter(even).to('out'),
  'table-filter-not': (t) =>
    table(t, 'a')
      .filterNot((value) => weight(value) % 3 === 0)
      .to('out'),
  'table-filter-stored': (t) => table(t, 'a').filter(even, { store: 's' }).to('out'),
  'table-map-values': (t) =>
    table(t, 'a')
      .mapValues((value) => `${value}!`)
      .to('out'),
  'table-group-count': (t) =>
    table(t, 'a')
      .groupBy('by-first', (value) => [first(value), value])
      .count('groups')
      .to('out'),
  'table-group-aggregate': (t) =>
    table(t, 'a')
      .groupBy('by-first', (value) => [first(value), value])
      .aggregate('groups', {
        init: () => 0,
        add: (sum, value) => sum + weight(value),
        subtract: (sum, value) => sum - weight(value),
        value: int64,
      })
      .to('out'),
  'table-group-reduce': (t) =>
    table(t, 'a')
      .groupBy('by-first', (value) => [first(value), value])
      .reduce('groups', {
        add: (sum, value) => sum + value,
        subtract: (sum, value) => sum.replace(value, ''),
      })
      .to('out'),
  'table-join': (t) => table(t, 'a').join('j', table(t, 'b'), both).to('out'),
  'table-left-join': (t) => table(t, 'a').leftJoin('j', table(t, 'b'), both).to('out'),
  'table-outer-join': (t) => table(t, 'a').outerJoin('j', table(t, 'b'), both).to('out'),
  'table-join-chain': (t) =>
    table(t, 'a').join('j', table(t, 'b'), both).leftJoin('k', table(t, 'c'), both).to('out'),
  'foreign-key-join': (t) =>
    table(t, 'a')
      .join('j', table(t, 'b'), { foreignKey: (value) => first(value), joiner: both })
      .to('out'),
  'foreign-key-left-join': (t) =>
    table(t, 'a')
      .leftJoin('j', table(t, 'b'), { foreignKey: (value) => first(value), joiner: both })
      .to('out'),
}
