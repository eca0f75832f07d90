import { expect, test } from '@jest/globals'
import { murmur2, partitionOfHash } from '../../../src/model/murmur2.ts'

// The table of org.apache.kafka.common.utils.UtilsTest.testMurmur2.
const known: readonly (readonly [string, number])[] = [
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ['abc', 479470107],
]

test.each(known)('hashes %s as the Java client does', (text, hash) => {
  const bytes = new TextEncoder().encode(`<${text}>`)
  expect(murmur2(bytes, 1, bytes.length - 1)).toBe(hash)
})

test('a negative hash gives a partition in range', () => {
  expect(partitionOfHash(-973932308, 7)).toBe((-973932308 & 0x7fffffff) % 7)
})
