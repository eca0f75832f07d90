/** Seeded randomness: the same numbers on every machine. */

/** Uniform in [0, 1) (mulberry32). */
export type Random = () => number

export function seeded(seed: number): Random {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 0x1_0000_0000
  }
}

/** How often each key comes: all alike, or by Zipf's law with this exponent (above 0). */
export type KeySkew = 'uniform' | number

/** Draws keys 0…keys−1; by Zipf's law key 0 is the most frequent. */
export function keyDraw(keys: number, skew: KeySkew, random: Random): () => number {
  if (skew === 'uniform') return () => Math.floor(random() * keys)
  const cumulated = new Float64Array(keys)
  let sum = 0
  for (let key = 0; key < keys; key++) {
    sum += 1 / (key + 1) ** skew
    cumulated[key] = sum
  }
  return () => firstAbove(cumulated, random() * sum)
}

function firstAbove(cumulated: Float64Array, wanted: number): number {
  let low = 0
  let high = cumulated.length - 1
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((cumulated[middle] ?? 0) > wanted) high = middle
    else low = middle + 1
  }
  return low
}
