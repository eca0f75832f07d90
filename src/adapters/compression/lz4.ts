/** lz4 frames of independent blocks, which is what the Java client reads and writes. */
import lz4 from 'lz4-napi'
import { tooLarge } from './limit.ts'

const magic = 0x184d_2204
const blockBytesMax = [
  undefined,
  undefined,
  undefined,
  undefined,
  1 << 16,
  1 << 18,
  1 << 20,
  1 << 22,
]

export function compressLz4(bytes: Uint8Array): Uint8Array {
  return lz4.compressFrameSync(asBuffer(bytes))
}

export function decompressLz4(bytes: Uint8Array, bytesMax: number): Uint8Array {
  if (decompressedBound(bytes) > bytesMax) throw tooLarge('lz4', bytesMax)
  return lz4.decompressFrameSync(asBuffer(bytes))
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/**
 * What the frame can come to, without decompressing it, because the library cannot be told a limit:
 * for each block the exact number of bytes that its sequences give.
 */
function decompressedBound(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < 7 || view.getUint32(0, true) !== magic) throw new Error('no lz4 frame')
  const flags = view.getUint8(4)
  const blockMax = blockBytesMax[(view.getUint8(5) >> 4) & 7]
  if (blockMax === undefined) throw new Error('an lz4 frame with an unknown block size')
  const hasBlockChecksums = (flags & 0x10) !== 0
  let at = 7 + ((flags & 0x08) !== 0 ? 8 : 0) + ((flags & 0x01) !== 0 ? 4 : 0)
  let total = 0
  while (at + 4 <= bytes.length) {
    const word = view.getUint32(at, true)
    const size = word & 0x7fff_ffff
    at += 4
    if (size === 0) return total
    if (size > bytes.length - at) throw new Error('an lz4 block passes the end of its frame')
    total += word >>> 31 === 1 ? size : blockSize(bytes, at, at + size)
    at += size + (hasBlockChecksums ? 4 : 0)
  }
  throw new Error('an lz4 frame without an end mark')
}

/** Literals and matches of a block's sequences, added up. */
function blockSize(bytes: Uint8Array, start: number, end: number): number {
  let total = 0
  let at = start
  while (at < end) {
    const token = bytes[at++] ?? 0
    let literals = token >> 4
    if (literals === 15) {
      const from = at
      while (bytes[at] === 255 && at < end) at++
      literals += (at - from) * 255 + (bytes[at++] ?? 0)
    }
    total += literals
    at += literals
    // The last sequence ends after its literals.
    if (at >= end) return total
    at += 2
    let match = token & 15
    if (match === 15) {
      const from = at
      while (bytes[at] === 255 && at < end) at++
      match += (at - from) * 255 + (bytes[at++] ?? 0)
    }
    total += match + 4
  }
  return total
}
