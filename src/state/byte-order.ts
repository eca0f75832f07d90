/** Bytes of a key that decide, in two words of 24 bits; bits of a digit. */
const wordBytes = 3
const digitBits = 12
const digits = 1 << digitBits

/**
 * The numbers of keys in an order that is nearly that of their bytes: an ordered backend is quick
 * where neighbours come one after the other. What decides are the six bytes behind those that all
 * keys share, with zeros behind a key that ends there; keys that are alike in these stay in the
 * order in which they came.
 */
export function nearlySorted(
  bytes: Uint8Array,
  starts: Int32Array,
  ends: Int32Array,
  count: number,
): Int32Array {
  const skip = sharedBytes(bytes, starts, ends, count)
  const high = wordsOf(bytes, starts, ends, count, skip)
  const low = wordsOf(bytes, starts, ends, count, skip + wordBytes)
  let order = new Int32Array(count)
  for (let at = 0; at < count; at += 1) order[at] = at
  for (const words of [low, high]) {
    order = byDigit(order, words, 0)
    order = byDigit(order, words, digitBits)
  }
  return order
}

/** Three bytes of each key as a number. */
function wordsOf(
  bytes: Uint8Array,
  starts: Int32Array,
  ends: Int32Array,
  count: number,
  skip: number,
): Int32Array {
  const words = new Int32Array(count)
  for (let key = 0; key < count; key += 1) {
    const end = ends[key] ?? 0
    let at = (starts[key] ?? 0) + skip
    let word = 0
    for (let left = wordBytes; left > 0; left -= 1) {
      word = (word << 8) | (at < end ? (bytes[at] ?? 0) : 0)
      at += 1
    }
    words[key] = word
  }
  return words
}

function byDigit(order: Int32Array, words: Int32Array, shift: number): Int32Array<ArrayBuffer> {
  const places = new Int32Array(digits)
  for (let key = 0; key < words.length; key += 1) {
    const digit = ((words[key] ?? 0) >> shift) & (digits - 1)
    places[digit] = (places[digit] ?? 0) + 1
  }
  let place = 0
  for (let digit = 0; digit < digits; digit += 1) {
    const keys = places[digit] ?? 0
    places[digit] = place
    place += keys
  }
  const sorted = new Int32Array(order.length)
  for (let at = 0; at < order.length; at += 1) {
    const key = order[at] ?? 0
    const digit = ((words[key] ?? 0) >> shift) & (digits - 1)
    const to = places[digit] ?? 0
    places[digit] = to + 1
    sorted[to] = key
  }
  return sorted
}

/** How many bytes all keys begin with alike. */
function sharedBytes(
  bytes: Uint8Array,
  starts: Int32Array,
  ends: Int32Array,
  count: number,
): number {
  const first = starts[0] ?? 0
  let shared = (ends[0] ?? 0) - first
  for (let key = 1; key < count && shared > 0; key += 1) {
    const start = starts[key] ?? 0
    shared = Math.min(shared, (ends[key] ?? 0) - start)
    let at = 0
    while (at < shared && bytes[start + at] === bytes[first + at]) at += 1
    shared = at
  }
  return shared
}
