/**
 * Named random streams from one seed: mulberry32 over an FNV-1a hash of seed and name. Good enough
 * for jitter and simulation, not for secrets.
 */
export function seededRandom(seed: number, stream: string): () => number {
  let state = hash(`${seed}/${stream}`)
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

function hash(text: string): number {
  let h = 0x811c9dc5
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
  return h
}
