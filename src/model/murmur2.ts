/**
 * Murmur2 of `bytes[start, end)` as a signed 32-bit number, exactly as Kafka's Java client hashes
 * keys (`Utils.murmur2`), so that records meet the partitions that other producers give them.
 */
export function murmur2(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start
  const wordsEnd = start + (length & ~3)
  let hash = 0x9747b28c ^ length
  for (let at = start; at < wordsEnd; at += 4) {
    let word =
      (bytes[at] ?? 0) |
      ((bytes[at + 1] ?? 0) << 8) |
      ((bytes[at + 2] ?? 0) << 16) |
      ((bytes[at + 3] ?? 0) << 24)
    word = Math.imul(word, 0x5bd1e995)
    word ^= word >>> 24
    hash = Math.imul(hash, 0x5bd1e995) ^ Math.imul(word, 0x5bd1e995)
  }
  const rest = length & 3
  if (rest === 3) hash ^= (bytes[wordsEnd + 2] ?? 0) << 16
  if (rest >= 2) hash ^= (bytes[wordsEnd + 1] ?? 0) << 8
  if (rest >= 1) hash = Math.imul(hash ^ (bytes[wordsEnd] ?? 0), 0x5bd1e995)
  hash ^= hash >>> 13
  hash = Math.imul(hash, 0x5bd1e995)
  return hash ^ (hash >>> 15)
}

/** The partition of a key with this hash: Java's default for records with a key. */
export function partitionOfHash(hash: number, partitions: number): number {
  return (hash & 0x7fffffff) % partitions
}
