/** Keys of the inputs as bytes and back. */
const text = new TextEncoder()

/** `k` and seven digits: keys sort as their numbers do. */
export function keyBytes(key: number): Uint8Array {
  return text.encode(keyText(key))
}

export function keyText(key: number): string {
  return `k${String(key).padStart(7, '0')}`
}

/** The number of a key of `keyBytes`; −1 for anything else. */
export function keyOf(bytes: Uint8Array, start = 0, end = bytes.length): number {
  if (end - start < 8 || bytes[start] !== 0x6b) return -1
  let key = 0
  for (let at = start + 1; at < end; at++) {
    const digit = (bytes[at] ?? 0) - 0x30
    if (digit < 0 || digit > 9) return -1
    key = key * 10 + digit
  }
  return key
}
