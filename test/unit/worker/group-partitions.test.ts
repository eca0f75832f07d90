import { expect, test } from '@jest/globals'
import { GroupPartitions } from '../../../src/worker/group-partitions.ts'

const counts = (partitions: GroupPartitions) => ({
  known: partitions.known.get('lines'),
  agreed: partitions.agreed.get('lines'),
})

test('a worker goes by the counts of its leader, and leads by the largest it has heard of', () => {
  const partitions = new GroupPartitions(new Map([['lines', 4]]))
  expect(partitions.agree([{ topic: 'lines', partitions: 2 }])).toBe(true)
  expect(counts(partitions)).toEqual({ known: 4, agreed: 2 })
  expect(partitions.agree([{ topic: 'lines', partitions: 8 }])).toBe(true)
  expect(counts(partitions)).toEqual({ known: 8, agreed: 8 })
})

test('nothing is different where the leader has the same counts, or tells none', () => {
  const partitions = new GroupPartitions(new Map([['lines', 4]]))
  expect(partitions.agree([{ topic: 'lines', partitions: 4 }])).toBe(false)
  expect(partitions.agree([])).toBe(false)
  expect(counts(partitions)).toEqual({ known: 4, agreed: 4 })
})
