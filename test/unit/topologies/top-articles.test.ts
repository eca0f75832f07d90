import { expect, test } from '@jest/globals'
import { TopologyTestDriver } from 'millrace/testing'
import topArticles from '../../../topologies/top-articles.ts'

test('ranks the articles of each section, and moves an article with all of its views', () => {
  const driver = new TopologyTestDriver(topArticles)
  const section = (key: string, value?: string) =>
    driver.input('sections').send(value === undefined ? { key } : { key, value })
  const view = (...keys: readonly string[]) =>
    driver.input('views').send(...keys.map((key) => ({ key, value: 1 })))
  const ranking = () => new Map(driver.output('top-articles').readKeyValues())

  for (const article of ['a', 'b', 'c', 'd']) section(article, 'news')
  view('a', 'b', 'b', 'c', 'c', 'c', 'd')
  expect(ranking()).toEqual(new Map([['news', ['c', 'b', 'a']]]))
  view('d', 'd', 'd', 'unknown')
  expect(ranking()).toEqual(new Map([['news', ['d', 'c', 'b']]]))
  section('d', 'sport')
  expect(ranking()).toEqual(
    new Map([
      ['news', ['c', 'b', 'a']],
      ['sport', ['d']],
    ]),
  )
  section('c')
  expect(ranking()).toEqual(new Map([['news', ['b', 'a']]]))
})
