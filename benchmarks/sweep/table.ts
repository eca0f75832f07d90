/** What a sweep found as Markdown: a row for each point and subject. */
import { ranged, table } from '../harness/markdown.ts'
import { figures, seriesOf, type SweepResults } from './points.ts'

export function sweepTable(results: SweepResults, xTitle: string): string {
  const columns = figures.map((figure) => seriesOf(results, figure))
  const names = columns[0]?.map(({ name }) => name) ?? []
  const rows = results.points.flatMap(({ at }) =>
    names.map((name) => [
      String(at),
      name,
      ...columns.map((series, i) => {
        const points = series.find((one) => one.name === name)?.points
        const point = points?.find((one) => one.at === at)
        return point === undefined ? '–' : ranged(point.figure, figures[i]?.digits ?? 0)
      }),
    ]),
  )
  return table([xTitle, 'subject', ...figures.map(({ title }) => title)], rows)
}
