import { expect, test } from '@jest/globals'
import { TopologyTestDriver } from 'millrace/testing'
import articlesAndComments from '../../../topologies/articles-and-comments.ts'

test('a comment that moves to another article changes both counts and its title', () => {
  const driver = new TopologyTestDriver(articlesAndComments)
  const article = (key: string, title: string) =>
    driver.input('articles').send({ key, value: { title } })
  const comment = (key: string, of: string) =>
    driver.input('comments').send({ key, value: { article: of, text: `${key}!` } })
  article('a', 'Mills')
  article('b', 'Races')
  comment('1', 'a')
  comment('2', 'a')
  driver.commit()
  driver.output('articles-with-counts').readAll()
  driver.output('comments-with-titles').readAll()

  comment('1', 'b')
  driver.input('comments').send({ key: '2' })
  article('b', 'Wheels')
  driver.crash()
  driver.commit()

  expect(new Map(driver.output('articles-with-counts').readKeyValues())).toEqual(
    new Map([
      ['a', { title: 'Mills', comments: 0 }],
      ['b', { title: 'Wheels', comments: 1 }],
    ]),
  )
  expect(new Map(driver.output('comments-with-titles').readKeyValues())).toEqual(
    new Map<string, unknown>([
      ['1', { text: '1!', title: 'Wheels' }],
      ['2', null],
    ]),
  )
})
