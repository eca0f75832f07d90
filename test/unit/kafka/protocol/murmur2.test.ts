import { expect, test } from '@jest/globals'
import { murmur2, partitionOfKey } from '../../../../src/kafka/protocol/murmur2.ts'

/** Computed by the Java client's `Utils.murmur2`. */
const vectors: readonly [string, number][] = [
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ['abc', 479470107],
]

test.each(vectors)('%s hashes as in Java', (text, expected) => {
  expect(murmur2(Buffer.from(text))).toBe(expected)
  const shifted = Buffer.from(`##${text}#`)
  expect(murmur2(shifted, 2, shifted.length - 1)).toBe(expected)
})

test('a negative hash loses its sign bit, not its sign, before the modulo', () => {
  const key = Buffer.from('foobar')
  expect(partitionOfKey(key, 0, key.length, 12)).toBe((-790332482 & 0x7fff_ffff) % 12)
})
