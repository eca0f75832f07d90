import { expect, test } from '@jest/globals'
import { WindowSegment } from '../../../src/state/window-segment.ts'

const entriesOf = (segment: WindowSegment) =>
  Array.from({ length: segment.count }, (_, at) => segment.entry(at))

test('a settled segment has each of its entries once, in the order in which they came', () => {
  const segment = new WindowSegment(0, 7, 0)
  for (const entry of [3, 1, 3, 2, 5]) segment.add(entry)
  // 2 went to another segment, and 5 is no key's number any more.
  const owners = Int32Array.from([0, 7, 9, 7, 0, 7])
  segment.settle(owners, (entry) => entry !== 5)
  expect(entriesOf(segment)).toEqual([3, 1])
  expect(Array.from(owners)).toEqual([0, 7, 9, 7, 0, 7])
})

test('a segment grows, and gives its entries back from the end', () => {
  const segment = new WindowSegment(0, 1, 0)
  for (let entry = 0; entry < 40; entry += 1) segment.add(entry)
  expect([segment.pop(), segment.pop(), segment.count]).toEqual([39, 38, 38])
})
