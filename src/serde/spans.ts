import { readInt32, writeInt64 } from '../model/int64.ts'
import { cannotRead } from './failures.ts'
import type { Serde } from './serde.ts'

const timeBytes = 8
const signBit = 1 << 31

/** A time, 8 bytes big-endian with the sign bit turned over: bytes are in the order of times. */
export function writeOrderedTime(bytes: Uint8Array, at: number, time: number): void {
  writeInt64(bytes, at, time)
  bytes[at] = (bytes[at] ?? 0) ^ 0x80
}

export function readOrderedTime(bytes: Uint8Array, at: number): number {
  const high = readInt32(bytes, at) ^ signBit
  return high * 0x1_0000_0000 + (readInt32(bytes, at + 4) >>> 0)
}

export const orderedTime: Serde<number> = Object.freeze({
  name: 'ordered-time',
  serialize(time: number) {
    const bytes = new Uint8Array(timeBytes)
    writeOrderedTime(bytes, 0, time)
    return bytes
  },
  deserialize(bytes: Uint8Array) {
    if (bytes.length === timeBytes) return readOrderedTime(bytes, 0)
    throw cannotRead('ordered-time', bytes, 'it has 8 bytes')
  },
})

/** A span of time by its end, then its start. */
export const orderedSpan: Serde<{ readonly start: number; readonly end: number }> = Object.freeze({
  name: 'ordered-span',
  serialize({ start, end }: { readonly start: number; readonly end: number }) {
    const bytes = new Uint8Array(2 * timeBytes)
    writeOrderedTime(bytes, 0, end)
    writeOrderedTime(bytes, timeBytes, start)
    return bytes
  },
  deserialize(bytes: Uint8Array) {
    if (bytes.length !== 2 * timeBytes) throw cannotRead('ordered-span', bytes, 'it has 16 bytes')
    return { start: readOrderedTime(bytes, timeBytes), end: readOrderedTime(bytes, 0) }
  },
})
