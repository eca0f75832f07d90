/** Compression of record batches, synchronous: a batch is a few hundred kilobytes at most. */
import { assertNever, StreamError } from '../../model/errors.ts'
import type { Codec, Compress, Decompress } from '../../kafka/protocol/record-batch/compression.ts'
import { compressLz4, decompressLz4 } from './lz4.ts'
import { decompressSnappy } from './snappy.ts'
import { gunzip, gzip, unzstd, zstd } from './zlib.ts'

export interface CompressionOptions {
  /**
   * Bytes that one batch may come to, so that a small message cannot claim all memory. @default 64
   * MiB
   */
  readonly decompressedBytesMax?: number
}

const defaultDecompressedBytesMax = 64 * 1024 * 1024

export interface BatchCompression {
  readonly compress: Compress
  readonly decompress: Decompress
}

/** Reads all four codecs of Kafka; writes gzip, lz4 and zstd. */
export function batchCompression(options: CompressionOptions = {}): BatchCompression {
  const bytesMax = options.decompressedBytesMax ?? defaultDecompressedBytesMax
  return { compress, decompress: (codec, bytes) => decompress(codec, bytes, bytesMax) }
}

function compress(codec: Codec, bytes: Uint8Array): Uint8Array {
  switch (codec) {
    case 'gzip':
      return gzip(bytes)
    case 'lz4':
      return compressLz4(bytes)
    case 'zstd':
      return zstd(bytes)
    case 'snappy':
      throw new StreamError(
        'COMPRESSION_NOT_PRODUCED',
        'snappy is read but not written; use lz4, which is as fast and smaller',
        { domain: 'user', recovery: 'fatal' },
      )
    default:
      return assertNever(codec)
  }
}

function decompress(codec: Codec, bytes: Uint8Array, bytesMax: number): Uint8Array {
  switch (codec) {
    case 'gzip':
      return gunzip(bytes, bytesMax)
    case 'lz4':
      return decompressLz4(bytes, bytesMax)
    case 'zstd':
      return unzstd(bytes, bytesMax)
    case 'snappy':
      return decompressSnappy(bytes, bytesMax)
    default:
      return assertNever(codec)
  }
}
