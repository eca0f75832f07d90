/** Batches for state backends, and the writing process that a test kills. */
import { StoreBatch } from '../../src/state/store-batch.ts'

export type Change = readonly [key: Uint8Array, value: Uint8Array | undefined]

export function batchOf(
  changes: readonly Change[],
  nextOffset: number | undefined,
  store = 'store',
): StoreBatch {
  const batch = new StoreBatch(store)
  for (const [key, value] of changes) {
    batch.addKey(key, 0, key.length)
    if (value !== undefined) batch.addValue(17, value, 0, value.length)
  }
  batch.nextOffset = nextOffset
  return batch
}

const keyCount = 500

/**
 * Flush number n as a counting task would make it: the sum of all counts is the offset that it
 * reaches. The same n makes the same flush, so that a successor may go on.
 */
export function countingFlush(
  offset: number,
  counts: Map<number, number>,
): { readonly batch: StoreBatch; readonly next: number } {
  const changes: Change[] = []
  let next = offset
  for (let at = 0; at < 200; at += 1) {
    const key = (offset * 31 + at * 7) % keyCount
    const count = (counts.get(key) ?? 0) + 1
    counts.set(key, count)
    next += 1
    changes.push([keyBytes(key), countBytes(count)])
  }
  return { batch: batchOf(changes, next), next }
}

function keyBytes(key: number): Uint8Array {
  return new TextEncoder().encode(`key-${key}`)
}

function countBytes(count: number): Uint8Array {
  return new TextEncoder().encode(`${count}`)
}

export function keyAndCount([key, value]: readonly [Uint8Array, Uint8Array], timeBytes: number) {
  const text = new TextDecoder()
  return {
    key: Number(text.decode(key).slice('key-'.length)),
    count: Number(text.decode(value.subarray(timeBytes))),
  }
}
