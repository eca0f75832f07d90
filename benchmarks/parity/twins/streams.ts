import { type Build, first, stream, type Twins, weight } from './text.ts'

const stateless: Twins = {
  map: (t) =>
    stream(t, 'a')
      .filter((value) => value !== null)
      .map((value, key) => [value, key])
      .to('out'),
  'map-values': (t) =>
    stream(t, 'a')
      .mapValues((value) => (value === null ? null : `${value}!`))
      .to('out'),
  filter: (t) =>
    stream(t, 'a')
      .filter((value) => value !== null && weight(value) % 2 === 0)
      .to('out'),
  'filter-not': (t) =>
    stream(t, 'a')
      .filterNot((_, key) => key === null)
      .to('out'),
  'flat-map': (t) =>
    stream(t, 'a')
      .filter((value) => value !== null)
      .flatMap((value, key) => [
        [key, value],
        [value, key],
      ])
      .to('out'),
  'flat-map-values': (t) =>
    stream(t, 'a')
      // An empty text has one part in Java: itself.
      .flatMapValues((value) => (value === null ? [] : value === '' ? [''] : value.split('')))
      .to('out'),
  'select-key': (t) =>
    stream(t, 'a')
      .filter((value) => value !== null)
      .selectKey((value) => first(value))
      .to('out'),
  merge: (t) => stream(t, 'a').merge(stream(t, 'b')).to('out'),
  split: splitInThree,
  'choose-topic': (t) =>
    stream(t, 'a').to((value) => (value !== null && weight(value) % 2 === 0 ? 'out' : 'other'), {
      topics: ['out', 'other'],
    }),
  repartition: (t) =>
    stream(t, 'a')
      .filter((value) => value !== null)
      .selectKey((value) => value)
      .repartition('r')
      .to('out'),
}

const aggregations: Twins = {
  count: (t) => stream(t, 'a').groupByKey().count('counts').to('out'),
  reduce: (t) =>
    stream(t, 'a')
      .groupByKey()
      .reduce('reduced', (x, y) => (x.length > 12 ? y : x + y))
      .to('out'),
  aggregate: (t) =>
    stream(t, 'a')
      .groupByKey()
      .aggregate<string | null>('folded', {
        init: () => '',
        add: (sum, v, k) => (weight(v) % 7 === 0 ? null : `${k}${v}${sum?.length ?? 0}`),
      })
      .to('out'),
  'rekey-count': (t) =>
    stream(t, 'a')
      .filter((value) => value !== null)
      .groupBy('by-first', (value) => first(value))
      .count('counts')
      .to('out'),
  'two-counts': (t) =>
    stream(t, 'a')
      .groupByKey()
      .count('counts')
      .toStream()
      .map((n, key) => [`n${n}`, key])
      .groupBy('by-count', (_, key) => key)
      .count('counts-of-counts')
      .to('out'),
  cogroup: (t) =>
    stream(t, 'a')
      .groupByKey()
      .cogroup((sum: string, value) => `${sum}a${first(`${value}?`)}`)
      .cogroup(stream(t, 'b').groupByKey(), (sum, value) => `${sum}b${first(`${value}?`)}`)
      .aggregate('groups', { init: () => '' })
      .to('out'),
  'to-table': (t) => stream(t, 'a').toTable('rows').to('out'),
}

function splitInThree(...[t]: Parameters<Build>): void {
  const { three, two, rest } = stream(t, 'a').split({
    three: (value) => value !== null && weight(value) % 3 === 0,
    two: (value) => value !== null && weight(value) % 2 === 0,
    rest: 'rest',
  })
  three.to('out')
  two.mapValues((value) => `${value}2`).to('out', { name: 'out-of-two' })
  rest.to('other')
}

export const streams: Twins = { ...stateless, ...aggregations }
