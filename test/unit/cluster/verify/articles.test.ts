import { expect, test } from '@jest/globals'
import { expectedOf } from '../../../../cluster/verify/articles.ts'
import { differences } from '../../../../cluster/verify/differences.ts'

const articles = new Map([
  ['a', { title: 'A' }],
  ['b', { title: 'B' }],
])
const comments = new Map([
  ['1', { article: 'a', text: 'one' }],
  ['2', { article: 'a', text: 'two' }],
  ['3', { article: 'gone', text: 'three' }],
])

test('an article has its comments counted, and a comment its title where it is there', () => {
  const { counted, titled } = expectedOf(articles, comments)
  expect([...counted]).toEqual([
    ['a', { title: 'A', comments: 2 }],
    ['b', { title: 'B', comments: 0 }],
  ])
  expect([...titled]).toEqual([
    ['1', { text: 'one', title: 'A' }],
    ['2', { text: 'two', title: 'A' }],
  ])
})

test('a row that is wrong, missing or too many is told', () => {
  const expected = new Map([
    ['same', 1],
    ['wrong', 1],
    ['missing', 1],
  ])
  const found = new Map([
    ['same', 1],
    ['wrong', 2],
    ['extra', 3],
  ])
  expect(differences('topic', expected, found)).toEqual([
    'topic: wrong is 2, and should be 1',
    'topic: missing is undefined, and should be 1',
    'topic: extra is 3, and should be undefined',
  ])
})
