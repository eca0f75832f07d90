/** The key that comes next in the order of bytes. */
export function behindKey(key: Uint8Array): Uint8Array {
  const next = new Uint8Array(key.length + 1)
  next.set(key)
  return next
}

/** The lowest key behind all that begin with a prefix; undefined where nothing is behind them. */
export function behindPrefix(prefix: Uint8Array): Uint8Array | undefined {
  let end = prefix.length
  while (end > 0 && prefix[end - 1] === 0xff) end -= 1
  if (end === 0) return undefined
  const behind = prefix.slice(0, end)
  behind[end - 1] = (behind[end - 1] ?? 0) + 1
  return behind
}
