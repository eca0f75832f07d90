/**
 * snappy: blocks in the framing of the xerial library, as the Java client writes, or one bare
 * block.
 */
import { uncompressSync } from 'snappy'
import { tooLarge } from './limit.ts'

const magic = Uint8Array.of(0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00)
/** The magic, then a version and the lowest version that reads it, four bytes each. */
const headerBytes = 16

export function decompressSnappy(bytes: Uint8Array, bytesMax: number): Uint8Array {
  const blocks = isFramed(bytes) ? framedBlocks(bytes) : [bytes]
  const total = blocks.reduce((sum, block) => sum + uncompressedSize(block), 0)
  if (total > bytesMax) throw tooLarge('snappy', bytesMax)
  const [only] = blocks
  if (blocks.length === 1 && only !== undefined) return uncompress(only)
  return Buffer.concat(blocks.map(uncompress), total)
}

function uncompress(block: Uint8Array): Uint8Array {
  const result = uncompressSync(block, { asBuffer: true })
  if (typeof result === 'string') throw new TypeError('snappy gave a string')
  return result
}

function isFramed(bytes: Uint8Array): boolean {
  return bytes.length >= headerBytes && magic.every((byte, i) => bytes[i] === byte)
}

function framedBlocks(bytes: Uint8Array): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const blocks: Uint8Array[] = []
  for (let at = headerBytes; at < bytes.length; ) {
    if (at + 4 > bytes.length) throw new Error('a snappy block is cut off')
    const size = view.getInt32(at)
    at += 4
    if (size < 0 || size > bytes.length - at) throw new Error(`a snappy block of ${size} bytes`)
    blocks.push(bytes.subarray(at, at + size))
    at += size
  }
  return blocks
}

/** A block begins with its uncompressed size, as a varint. */
function uncompressedSize(block: Uint8Array): number {
  let size = 0
  for (let i = 0; i < 5; i++) {
    const byte = block[i]
    if (byte === undefined) break
    size += (byte & 0x7f) * 2 ** (i * 7)
    if (byte < 0x80) return size
  }
  throw new Error('a snappy block without a size')
}
