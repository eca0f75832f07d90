import { expect, test } from '@jest/globals'
import { murmur3 } from '../../../src/model/murmur3.ts'

test('murmur3 is MurmurHash3_x86_128, by the verification value of its author', () => {
  const hashes = new Uint8Array(256 * 16)
  for (let length = 0; length < 256; length += 1) {
    const key = Uint8Array.from({ length }, (_, at) => at)
    hashes.set(murmur3(key, 256 - length), length * 16)
  }
  const [a = 0, b = 0, c = 0, d = 0] = murmur3(hashes)
  expect((a | (b << 8) | (c << 16) | (d << 24)) >>> 0).toBe(0xb3ece62a)
})
