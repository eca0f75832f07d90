import { expect, test } from '@jest/globals'
import { positionsIn, positionsNote } from '../../../src/worker/global-positions.ts'

test('positions are those of the same topic with as many partitions, or none', () => {
  const note = positionsNote('mark', [3, 0, 12])
  expect(positionsIn(note, 'mark', 3)).toEqual([3, 0, 12])
  expect(positionsIn(note, 'other', 3)).toBeUndefined()
  expect(positionsIn(note, null, 3)).toBeUndefined()
  expect(positionsIn(note, 'mark', 2)).toBeUndefined()
  expect(positionsIn('mark', 'mark', 1)).toBeUndefined()
  expect(positionsIn('mark:1,x', 'mark', 2)).toBeUndefined()
  expect(positionsIn(undefined, 'mark', 1)).toBeUndefined()
})
