/** Zigzag varints into bytes that are known to have room. */

/** Bytes that a 32-bit value takes. */
export function varintBytes(value: number): number {
  const zigzag = (value << 1) ^ (value >> 31)
  if (zigzag >>> 7 === 0) return 1
  if (zigzag >>> 14 === 0) return 2
  if (zigzag >>> 21 === 0) return 3
  return zigzag >>> 28 === 0 ? 4 : 5
}

/** @returns The position after the value. */
export function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  let rest = ((value << 1) ^ (value >> 31)) >>> 0
  let end = at
  while (rest > 0x7f) {
    bytes[end++] = (rest & 0x7f) | 0x80
    rest >>>= 7
  }
  bytes[end++] = rest
  return end
}

/** Whether the zigzag form fits the 32-bit functions. */
function isShort(value: number): boolean {
  return value < 0x4000_0000 && value >= -0x4000_0000
}

/** Bytes that a 64-bit value takes; exact within ±2^52. */
export function varlongBytes(value: number): number {
  if (isShort(value)) return varintBytes(value)
  let bytes = 1
  for (let rest = zigzag64(value); rest > 0x7f; rest = Math.floor(rest / 128)) bytes++
  return bytes
}

/** @returns The position after the value. */
export function writeVarlong(bytes: Uint8Array, at: number, value: number): number {
  if (isShort(value)) return writeVarint(bytes, at, value)
  let rest = zigzag64(value)
  let end = at
  while (rest > 0x7f) {
    bytes[end++] = (rest % 128) | 0x80
    rest = Math.floor(rest / 128)
  }
  bytes[end++] = rest
  return end
}

function zigzag64(value: number): number {
  return value >= 0 ? value * 2 : -value * 2 - 1
}
