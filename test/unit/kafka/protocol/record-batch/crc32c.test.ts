import { expect, test } from '@jest/globals'
import { crc32c } from '../../../../../src/kafka/protocol/record-batch/crc32c.ts'

/** Vectors of RFC 3720, appendix B.4, and the usual check value. */
const vectors: readonly [string, Uint8Array, number][] = [
  ['32 zeros', new Uint8Array(32), 0x8a91_36aa],
  ['32 ones', new Uint8Array(32).fill(0xff), 0x62a8_ab43],
  ['0 to 31', Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd_794e],
  ['31 to 0', Uint8Array.from({ length: 32 }, (_, i) => 31 - i), 0x113f_db5c],
  ['123456789', Buffer.from('123456789'), 0xe306_9283],
  ['nothing', new Uint8Array(0), 0],
]

test.each(vectors)('the checksum of %s is the published one', (_, bytes, expected) => {
  expect(crc32c(bytes)).toBe(expected)
})

test('any length and place gives what the definition gives, bit by bit', () => {
  const bytes = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 131) ^ (i >> 5))
  const ranges = Array.from({ length: 200 }, (_, n) => [n * 3, n * 4] as const)
  for (const [start, end] of [...ranges, [1, 300_000] as const]) {
    expect(crc32c(bytes, start, end)).toBe(bitwise(bytes.subarray(start, end)))
  }
})

function bitwise(bytes: Uint8Array): number {
  let crc = -1
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f6_3b78 : 0)
  }
  return ~crc >>> 0
}
