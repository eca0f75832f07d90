const c1 = 0x239b961b
const c2 = 0xab0e9789
const c3 = 0x38b34ae5
const c4 = 0xa1e38b93

/**
 * MurmurHash3_x86_128 of some bytes: 16 bytes, each of its four words little-endian. Kafka Streams
 * takes the x64 variant for the same purpose, whose 64-bit products JavaScript does not have.
 */
export function murmur3(bytes: Uint8Array, seed = 0): Uint8Array {
  const { length } = bytes
  let [h1, h2, h3, h4] = [seed, seed, seed, seed]
  const end = length & ~15
  for (let at = 0; at < end; at += 16) {
    h1 = rotated(h1 ^ mixed(word(bytes, at), c1, 15, c2), 19)
    h1 = (Math.imul(h1 + h2, 5) + 0x561ccd1b) | 0
    h2 = rotated(h2 ^ mixed(word(bytes, at + 4), c2, 16, c3), 17)
    h2 = (Math.imul(h2 + h3, 5) + 0x0bcaa747) | 0
    h3 = rotated(h3 ^ mixed(word(bytes, at + 8), c3, 17, c4), 15)
    h3 = (Math.imul(h3 + h4, 5) + 0x96cd1c35) | 0
    h4 = rotated(h4 ^ mixed(word(bytes, at + 12), c4, 18, c1), 13)
    h4 = (Math.imul(h4 + h1, 5) + 0x32ac3b17) | 0
  }
  // Bytes behind the end are 0, and mix to 0.
  h1 ^= mixed(word(bytes, end), c1, 15, c2) ^ length
  h2 ^= mixed(word(bytes, end + 4), c2, 16, c3) ^ length
  h3 ^= mixed(word(bytes, end + 8), c3, 17, c4) ^ length
  h4 ^= mixed(word(bytes, end + 12), c4, 18, c1) ^ length
  const sum = (h1 + h2 + h3 + h4) | 0
  return finished(sum, (h2 + sum) | 0, (h3 + sum) | 0, (h4 + sum) | 0)
}

function finished(a: number, b: number, c: number, d: number): Uint8Array {
  const [h1, h2, h3, h4] = [avalanche(a), avalanche(b), avalanche(c), avalanche(d)]
  const sum = (h1 + h2 + h3 + h4) | 0
  const hash = new Uint8Array(16)
  const words = [sum, h2 + sum, h3 + sum, h4 + sum]
  for (let at = 0; at < 16; at += 1) hash[at] = (words[at >> 2] ?? 0) >>> (8 * (at & 3))
  return hash
}

/** Little-endian; 0 for what is behind the end. */
function word(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] ?? 0) |
    ((bytes[at + 1] ?? 0) << 8) |
    ((bytes[at + 2] ?? 0) << 16) |
    ((bytes[at + 3] ?? 0) << 24)
  )
}

function mixed(word: number, by: number, bits: number, then: number): number {
  return Math.imul(rotated(Math.imul(word, by), bits), then)
}

function rotated(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits))
}

function avalanche(word: number): number {
  let h = word ^ (word >>> 16)
  h = Math.imul(h, 0x85ebca6b)
  h ^= h >>> 13
  h = Math.imul(h, 0xc2b2ae35)
  return h ^ (h >>> 16)
}
