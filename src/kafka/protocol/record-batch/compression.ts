/**
 * Names and attribute codes of the compression of record batches, and the ports that adapters
 * fill.
 */
export type Compression = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd'
export type Codec = Exclude<Compression, 'none'>

/**
 * Gives the bytes back as they were before compression.
 * @throws StreamError when the result passes the adapter's limit; any other error means corrupt
 * bytes.
 */
export type Decompress = (codec: Codec, bytes: Uint8Array) => Uint8Array

/** @throws StreamError when the adapter does not produce this codec. */
export type Compress = (codec: Codec, bytes: Uint8Array) => Uint8Array

/** At the index of their code in a batch's attributes. */
const byCode = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const

export function compressionOf(code: number): Compression | undefined {
  return byCode[code]
}

export function compressionCode(name: Compression): number {
  return byCode.indexOf(name)
}
