/** How a user tests a topology: in milliseconds, without a broker. */
import { beforeEach, expect, test } from '@jest/globals'
import { TopologyTestDriver } from 'millrace/testing'
import wordCount from '../../../topologies/word-count.ts'

let driver: TopologyTestDriver

beforeEach(() => {
  driver = new TopologyTestDriver(wordCount)
})

const say = (line: string) => driver.input<string, string>('lines').send({ value: line })
const counts = () => driver.output<string, number>('word-counts').readKeyValues()

test('counts words without regard to case', () => {
  say('To be or not to be')
  expect(counts()).toEqual([
    ['to', 1],
    ['be', 1],
    ['or', 1],
    ['not', 1],
    ['to', 2],
    ['be', 2],
  ])
})

test('a line without letters counts nothing', () => {
  say('42 – 17?')
  expect(counts()).toEqual([])
})

test('after a crash counts go on from the last commit, and nothing is counted twice', () => {
  say('mill')
  driver.commit()
  say('mill race')
  expect(driver.store<string, number>('counts').get('mill')).toBe(2)
  driver.crash()
  say('mill')
  expect(driver.store<string, number>('counts').entries()).toEqual([
    ['mill', 3],
    ['race', 1],
  ])
})
