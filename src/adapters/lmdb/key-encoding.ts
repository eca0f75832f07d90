/**
 * Keys of a store as LMDB keeps them, in the same order. LMDB takes 1 to 1978 bytes: a first byte
 * makes room for the empty key and for what the store keeps of itself, and keys that are too long
 * share a bucket with all that begin alike; see `bucket.ts`.
 */
import { noBytes } from '../../state/byte-slabs.ts'

/** A key in somebody else's bytes; one object serves call after call. */
export interface KeySlice {
  kind: 'plain' | 'bucket' | 'offset' | 'end'
  bytes: Uint8Array
  start: number
  end: number
}

/** Longest key with an entry of its own; first byte and a bucket's mark make it 1978. */
export const plainBytesMax = 1976

const offsetMark = 0
const keyMark = 1
const endMark = 2
/**
 * Ends the key of a bucket. So it stands behind the plain key that has all its bytes, and before
 * every other plain key behind that one, for those differ within these bytes.
 */
const bucketMark = 0

/** The offset stands before all keys, the end behind them. */
export const offsetKey: KeySlice = { kind: 'offset', bytes: noBytes, start: 0, end: 0 }
export const endKey: KeySlice = { kind: 'end', bytes: noBytes, start: 0, end: 0 }

export const keyEncoder = {
  /** @returns Where the next byte goes. */
  writeKey({ kind, bytes, start, end }: KeySlice, target: Uint8Array, at: number): number {
    target[at] = kind === 'offset' ? offsetMark : kind === 'end' ? endMark : keyMark
    const last = Math.min(end, start + plainBytesMax)
    let next = at + 1
    for (let from = start; from < last; from += 1) {
      target[next] = bytes[from] ?? 0
      next += 1
    }
    if (kind !== 'bucket') return next
    target[next] = bucketMark
    return next + 1
  },
  readKey(source: Uint8Array, start: number, end: number): Uint8Array {
    return Uint8Array.prototype.slice.call(source, start, end)
  },
}

/** Entry or bucket of a key. */
export function kindOf(start: number, end: number): 'plain' | 'bucket' {
  return end - start > plainBytesMax ? 'bucket' : 'plain'
}

/** True for what `readKey` answers for a bucket. */
export function isBucket(stored: Uint8Array): boolean {
  return stored.length > plainBytesMax + 1
}

/** The key in what `readKey` answers; of a bucket, what its keys begin with. */
export function keyOf(stored: Uint8Array): Uint8Array {
  return stored.subarray(1, plainBytesMax + 1)
}
