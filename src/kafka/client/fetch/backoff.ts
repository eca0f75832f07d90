/** Pauses that double up to a limit, half of each at random, so that many do not come as one. */
const firstMs = 20
const lastMs = 1000

/** @param failures Attempts in a row that failed, from 1. */
export function backoffMs(failures: number, random: () => number): number {
  const full = Math.min(firstMs * 2 ** Math.min(failures - 1, 16), lastMs)
  return full / 2 + (full / 2) * random()
}
