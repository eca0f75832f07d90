const high = 0x1_0000_0000

/** Writes an integer (|n| ≤ 2^53) as 8 bytes, big-endian, two's complement. */
export function writeInt64(bytes: Uint8Array, at: number, value: number): void {
  const upper = Math.floor(value / high)
  const lower = value - upper * high
  bytes[at] = upper >> 24
  bytes[at + 1] = upper >> 16
  bytes[at + 2] = upper >> 8
  bytes[at + 3] = upper
  bytes[at + 4] = lower >>> 24
  bytes[at + 5] = lower >>> 16
  bytes[at + 6] = lower >>> 8
  bytes[at + 7] = lower
}

/** Reads what `writeInt64` wrote. Beyond 2^53 the nearest double. */
export function readInt64(bytes: Uint8Array, at: number): number {
  return readInt32(bytes, at) * high + (readInt32(bytes, at + 4) >>> 0)
}

export function readInt32(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] ?? 0) << 24) |
    ((bytes[at + 1] ?? 0) << 16) |
    ((bytes[at + 2] ?? 0) << 8) |
    (bytes[at + 3] ?? 0)
  )
}

/** Writes the low 32 bits, big-endian; a DataView costs more than this for a few bytes. */
export function writeInt32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >> 24
  bytes[at + 1] = value >> 16
  bytes[at + 2] = value >> 8
  bytes[at + 3] = value
}
