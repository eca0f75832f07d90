import { json, monotonous, session, string, topology } from 'millrace'

interface Visit {
  readonly pages: readonly string[]
}
interface Told extends Visit {
  readonly from: string
  readonly seconds: number
}

/** The visits of each user, told once half an hour has passed without another page. */
export default topology('user-sessions', (t) => {
  t.stream('page-views', { value: string, watermark: monotonous(), idleAfter: '10s' })
    .groupByKey()
    .windowedBy(session('30m'), { grace: '1m', emit: 'final' })
    .aggregate('visits', {
      init: (): Visit => ({ pages: [] }),
      add: ({ pages }, page) => ({ pages: [...pages, page] }),
      merge: (earlier, later) => ({ pages: [...earlier.pages, ...later.pages] }),
      value: json<Visit>(),
    })
    .toStream()
    .map(({ pages }, { key, start, end }) => [
      key,
      { from: new Date(start).toISOString(), seconds: (end - start) / 1_000, pages },
    ])
    .to('visits', { key: string, value: json<Told>() })
})
