import { expect, test } from '@jest/globals'
import { type DriverMatchers, matchers, TopologyTestDriver } from 'millrace/testing'
import wordCount from '../../../topologies/word-count.ts'

declare module 'expect' {
  interface Matchers<R> extends DriverMatchers<R> {}
}

expect.extend(matchers)

test('what an output has had since it was read is compared, with its differences told', () => {
  const driver = new TopologyTestDriver(wordCount)
  const counts = driver.output('word-counts')
  expect(counts).toBeSilent()
  driver.input('lines').send({ value: 'mill race' })
  expect(counts).toHaveWritten([
    ['mill', 1],
    ['race', 1],
  ])
  expect(counts).toBeSilent()
  driver.input('lines').send({ value: 'mill' })
  expect(() => expect(counts).toHaveWritten([['mill', 1]])).toThrow(/- +1,\s.*\+ +2,/s)
  driver.input('lines').send({ value: 'mill' })
  expect(() => expect(counts).toBeSilent()).toThrow(/mill/)
  expect(() => expect('word-counts').toBeSilent()).toThrow('it is no output')
})
