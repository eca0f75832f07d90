import { string } from 'millrace'
import { both, first, stream, table, type Twins, versioned } from './text.ts'

const near = { within: '2s', grace: '1s' } as const

export const joins: Twins = {
  'stream-table-join': (t) => stream(t, 'a').join('j', table(t, 'b'), both).to('out'),
  'stream-table-left-join': (t) => stream(t, 'a').leftJoin('j', table(t, 'b'), both).to('out'),
  'stream-versioned-join': (t) => stream(t, 'a').join('j', versioned(t, 'b'), both).to('out'),
  // What waits goes on a millisecond later here, since a watermark is one behind.
  'stream-table-join-grace': (t) =>
    stream(t, 'a').join('j', versioned(t, 'b'), both, { grace: 1_999 }).to('out'),
  'stream-table-left-join-grace': (t) =>
    stream(t, 'a').leftJoin('j', versioned(t, 'b'), both, { grace: 1_999 }).to('out'),
  'stream-global-join': (t) =>
    stream(t, 'a')
      .join('j', t.globalTable('b', { key: string, value: string }), {
        on: (value) => (value === null ? null : first(value)),
        joiner: both,
      })
      .to('out'),
  'stream-join': (t) => stream(t, 'a').join('j', stream(t, 'b'), both, near).to('out'),
  'stream-join-asymmetric': (t) =>
    stream(t, 'a')
      .join('j', stream(t, 'b'), both, { within: { before: '3s', after: '1s' }, grace: '1s' })
      .to('out'),
  'stream-left-join': (t) => stream(t, 'a').leftJoin('j', stream(t, 'b'), both, near).to('out'),
  'stream-outer-join': (t) => stream(t, 'a').outerJoin('j', stream(t, 'b'), both, near).to('out'),
  'self-join': (t) => {
    const a = stream(t, 'a')
    a.join('j', a, both, { within: '1s', grace: '1s' }).to('out')
  },
}
