import { hopping, session, sliding, tumbling, untilTimeLimit, untilWindowCloses } from 'millrace'
import { both, first, stream, type Twins } from './text.ts'

const size = '4s'
const letters = {
  init: () => '',
  add: (sum: string, value: string) => sum + String(first(`${value}?`)),
}

export const windows: Twins = {
  'tumbling-count': (t) =>
    stream(t, 'a').groupByKey().windowedBy(tumbling(size)).count('w').to('out'),
  'tumbling-grace': (t) =>
    stream(t, 'a').groupByKey().windowedBy(tumbling(size), { grace: '3s' }).count('w').to('out'),
  'tumbling-reduce': (t) =>
    stream(t, 'a')
      .groupByKey()
      .windowedBy(tumbling(size), { grace: '2s' })
      .reduce('w', both)
      .to('out'),
  'tumbling-aggregate': (t) =>
    stream(t, 'a')
      .groupByKey()
      .windowedBy(tumbling(size), { grace: '2s' })
      .aggregate('w', letters)
      .to('out'),
  'hopping-count': (t) =>
    stream(t, 'a').groupByKey().windowedBy(hopping(size, '1500ms')).count('w').to('out'),
  'hopping-reduce': (t) =>
    stream(t, 'a')
      .groupByKey()
      .windowedBy(hopping(size, '1s'), { grace: '2s' })
      .reduce('w', both)
      .to('out'),
  'tumbling-final': (t) =>
    stream(t, 'a')
      .groupByKey()
      .windowedBy(tumbling(size), { grace: '1s', emit: 'final' })
      .count('w')
      .to('out'),
  'hopping-final': (t) =>
    stream(t, 'a')
      .groupByKey()
      .windowedBy(hopping(size, '2s'), { grace: '1s', emit: 'final' })
      .count('w')
      .to('out'),
  'session-count': (t) =>
    stream(t, 'a').groupByKey().windowedBy(session('1s')).count('w').to('out'),
  'session-grace': (t) =>
    stream(t, 'a').groupByKey().windowedBy(session('1s'), { grace: '3s' }).count('w').to('out'),
  'session-aggregate': (t) =>
    stream(t, 'a')
      .groupByKey()
      .windowedBy(session('1s'), { grace: '3s' })
      .aggregate('w', { ...letters, merge: (x, y) => (x === '' ? y : `${x}|${y}`) })
      .to('out'),
  'session-final': (t) =>
    stream(t, 'a')
      .groupByKey()
      .windowedBy(session('1s'), { grace: '2s', emit: 'final' })
      .count('w')
      .to('out'),
  'tumbling-suppressed': (t) =>
    stream(t, 'a')
      .groupByKey()
      .windowedBy(tumbling(size), { grace: '1s' })
      .count('w')
      .suppress('s', untilWindowCloses())
      .to('out'),
  'sliding-count': (t) =>
    stream(t, 'a').groupByKey().windowedBy(sliding('2s'), { grace: '3s' }).count('w').to('out'),
  'sliding-aggregate': (t) =>
    stream(t, 'a')
      .groupByKey()
      .windowedBy(sliding('2s'), { grace: '3s' })
      .aggregate('w', letters)
      .to('out'),
  'suppress-time': (t) =>
    stream(t, 'a').groupByKey().count('c').suppress('s', untilTimeLimit('3s')).to('out'),
}
