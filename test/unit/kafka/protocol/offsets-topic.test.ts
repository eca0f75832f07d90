import { expect, test } from '@jest/globals'
import { offsetsPartition } from '../../../../src/kafka/protocol/offsets-topic.ts'

test('a group is on the partition that Java finds by the hash of its name', () => {
  const partitions = Object.fromEntries(
    // The hash of the last one is -2^31, whose absolute value 32 bits do not have.
    ['', 'a', 'abc', 'zzzzzzz', 'polygenelubricants'].map((id) => [id, offsetsPartition(id, 50)]),
  )
  expect(partitions).toEqual({
    '': 0,
    a: 47,
    abc: 4,
    zzzzzzz: 18,
    polygenelubricants: 0,
  })
})
