/** gzip and zstd by Node's own zlib. */
import { gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { tooLarge } from './limit.ts'

export function gzip(bytes: Uint8Array): Uint8Array {
  return gzipSync(bytes)
}

export function zstd(bytes: Uint8Array): Uint8Array {
  return zstdCompressSync(bytes)
}

export function gunzip(bytes: Uint8Array, bytesMax: number): Uint8Array {
  return limited('gzip', bytesMax, () => gunzipSync(bytes, { maxOutputLength: bytesMax }))
}

export function unzstd(bytes: Uint8Array, bytesMax: number): Uint8Array {
  return limited('zstd', bytesMax, () => zstdDecompressSync(bytes, { maxOutputLength: bytesMax }))
}

function limited(codec: 'gzip' | 'zstd', bytesMax: number, run: () => Uint8Array): Uint8Array {
  try {
    return run()
  } catch (error) {
    if (isCoded(error) && error.code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(codec, bytesMax)
    throw error
  }
}

/**
 * By shape: an error of another realm (a test's, a worker's) is no instance of this one's Error.
 */
function isCoded(error: unknown): error is { readonly code: unknown } {
  return typeof error === 'object' && error !== null && 'code' in error
}
