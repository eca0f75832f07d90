const prefixBytes = 6

/**
 * The numbers of keys in an order that is nearly that of their bytes, for an ordered backend is
 * quick where neighbours come one after the other. By the six bytes behind those that all keys
 * share, a byte after the other; keys that are alike in these stay in the order in which they came.
 */
export function nearlySorted(
  bytes: Uint8Array,
  starts: Int32Array,
  ends: Int32Array,
  count: number,
): Int32Array {
  const skip = sharedBytes(bytes, starts, ends, count)
  let order = new Int32Array(count)
  let target = new Int32Array(count)
  for (let at = 0; at < count; at += 1) order[at] = at
  const places = new Int32Array(257)
  for (let digit = prefixBytes - 1; digit >= 0; digit -= 1) {
    places.fill(0)
    const digitOf = (key: number): number => {
      const at = (starts[key] ?? 0) + skip + digit
      return at < (ends[key] ?? 0) ? (bytes[at] ?? 0) + 1 : 0
    }
    for (let key = 0; key < count; key += 1) places[digitOf(key)] = (places[digitOf(key)] ?? 0) + 1
    let place = 0
    for (let value = 0; value < places.length; value += 1) {
      const keys = places[value] ?? 0
      places[value] = place
      place += keys
    }
    for (let at = 0; at < count; at += 1) {
      const key = order[at] ?? 0
      const value = digitOf(key)
      target[places[value] ?? 0] = key
      places[value] = (places[value] ?? 0) + 1
    }
    ;[order, target] = [target, order]
  }
  return order
}

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
