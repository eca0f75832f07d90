/**
 * The keys that are too long for LMDB and begin alike, in order, with their values. As bytes: for
 * each entry the lengths of the rest of its key and of its value (4 bytes each), then both.
 */
import { readInt32, writeInt32 } from '../../model/int64.ts'
import { compareBytes } from '../../state/byte-slabs.ts'

export interface BucketEntry {
  /** What of the key follows the bytes that the bucket's keys share. */
  readonly rest: Uint8Array
  readonly value: Uint8Array
}

const lengthBytes = 4

export function readBucket(bytes: Uint8Array): BucketEntry[] {
  const entries: BucketEntry[] = []
  for (let at = 0; at < bytes.length; ) {
    const restEnd = at + 2 * lengthBytes + readInt32(bytes, at)
    const valueEnd = restEnd + readInt32(bytes, at + lengthBytes)
    const rest = bytes.slice(at + 2 * lengthBytes, restEnd)
    entries.push({ rest, value: bytes.slice(restEnd, valueEnd) })
    at = valueEnd
  }
  return entries
}

export function writeBucket(entries: readonly BucketEntry[]): Uint8Array {
  const size = entries.reduce(
    (sum, { rest, value }) => sum + 2 * lengthBytes + rest.length + value.length,
    0,
  )
  const bytes = new Uint8Array(size)
  let at = 0
  for (const { rest, value } of entries) {
    writeInt32(bytes, at, rest.length)
    writeInt32(bytes, at + lengthBytes, value.length)
    bytes.set(rest, at + 2 * lengthBytes)
    bytes.set(value, at + 2 * lengthBytes + rest.length)
    at += 2 * lengthBytes + rest.length + value.length
  }
  return bytes
}

/** The entries with one key's value put in its place, or taken out where it is undefined. */
export function changeBucket(
  entries: readonly BucketEntry[],
  rest: Uint8Array,
  value: Uint8Array | undefined,
): BucketEntry[] {
  const others = entries.filter((entry) => compareBytes(entry.rest, rest) !== 0)
  if (value === undefined) return others
  const at = others.findIndex((entry) => compareBytes(entry.rest, rest) > 0)
  return others.toSpliced(at < 0 ? others.length : at, 0, { rest, value })
}
