import { json, string, topology } from 'millrace'

interface Ranked {
  readonly article: string
  readonly views: number
}

const longest = 3

/** The most viewed articles of each section, by the section that each article is in now. */
export default topology('top-articles', (t) => {
  const sections = t.table('sections', { value: string })
  t.stream('views', { value: json() })
    .groupByKey()
    .count('views-by-article')
    .join('with-section', sections, (views, section, article) => ({ section, article, views }))
    .groupBy('by-section', ({ section, article, views }) => [section, { article, views }])
    .aggregate('ranking', {
      init: (): Ranked[] => [],
      add: (ranked, one) => [...ranked, one].sort(byViews),
      subtract: (ranked, one) => ranked.filter(({ article }) => article !== one.article),
    })
    .mapValues((ranked) => ranked.slice(0, longest).map(({ article }) => article))
    .to('top-articles')
})

function byViews(a: Ranked, b: Ranked): number {
  return b.views - a.views || (a.article < b.article ? -1 : 1)
}
