/**
 * The hash by which the Java client's default partitioner places keys: MurmurHash2 with Kafka's
 * seed.
 */
const seed = 0x9747_b28c
const multiplier = 0x5bd1_e995

/** The hash of `bytes[start, end)` as a signed 32-bit number, as Java has it. */
export function murmur2(bytes: Uint8Array, start = 0, end: number = bytes.length): number {
  let hash = seed ^ (end - start)
  let at = start
  for (; at + 4 <= end; at += 4) {
    let word =
      (bytes[at] ?? 0) |
      ((bytes[at + 1] ?? 0) << 8) |
      ((bytes[at + 2] ?? 0) << 16) |
      ((bytes[at + 3] ?? 0) << 24)
    word = Math.imul(word, multiplier)
    word ^= word >>> 24
    hash = Math.imul(hash, multiplier) ^ Math.imul(word, multiplier)
  }
  const rest = end - at
  if (rest > 2) hash ^= (bytes[at + 2] ?? 0) << 16
  if (rest > 1) hash ^= (bytes[at + 1] ?? 0) << 8
  if (rest > 0) hash = Math.imul(hash ^ (bytes[at] ?? 0), multiplier)
  hash ^= hash >>> 13
  hash = Math.imul(hash, multiplier)
  return hash ^ (hash >>> 15)
}

/** The partition of a key that is not null, equal to the Java client's. */
export function partitionOfKey(
  bytes: Uint8Array,
  start: number,
  end: number,
  partitions: number,
): number {
  return (murmur2(bytes, start, end) & 0x7fff_ffff) % partitions
}
