import { gzipSync, zstdCompressSync } from 'node:zlib'
import { expect, test } from '@jest/globals'
import lz4 from 'lz4-napi'
import { compressSync } from 'snappy'
import { batchCompression } from '../../../../src/adapters/compression/index.ts'
import { readBatchHeaders } from '../../../../src/kafka/protocol/record-batch/index.ts'
import { StreamError } from '../../../../src/model/errors.ts'
import {
  concat,
  decodeAll,
  filled,
  record,
  recordsOf,
} from '../../kafka/protocol/record-batch/batches.ts'

const { compress, decompress } = batchCompression()
const text = Buffer.from('the mill race carries the water to the mill '.repeat(9000))

/** The framing of snappy-java's SnappyOutputStream, in blocks of 32 KiB. */
function xerial(bytes: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [Buffer.from('82534e41505059000000000100000001', 'hex')]
  for (let at = 0; at < bytes.length; at += 32_768) {
    const block = compressSync(bytes.subarray(at, at + 32_768))
    const size = Buffer.alloc(4)
    size.writeInt32BE(block.length)
    parts.push(size, block)
  }
  return concat(...parts)
}

test.each(['gzip', 'lz4', 'zstd'] as const)('%s batches are written and read back', (codec) => {
  const records = Array.from({ length: 500 }, (_, i) => record(i, `key ${i}`, 'water'.repeat(9)))
  const builder = filled(records)
  const bytes = builder.finishCompressed({ producerId: 3, producerEpoch: 1 }, codec, compress)
  expect(bytes.length).toBeLessThan(builder.sizeBytes / 2)
  expect(readBatchHeaders(bytes)[0]).toMatchObject({ compression: codec, count: 500 })
  expect(decodeAll(bytes, decompress).flatMap(recordsOf)).toEqual(records)
})

test('records are compressed once, whatever epochs and sequences the batch is sent with', () => {
  const builder = filled([record(1, 'a', 'b')])
  let calls = 0
  const counting: typeof compress = (codec, bytes) => {
    calls++
    return compress(codec, bytes)
  }
  builder.finishCompressed({ producerEpoch: 1 }, 'zstd', counting)
  const bytes = builder.finishCompressed({ producerEpoch: 2 }, 'zstd', counting)
  expect(readBatchHeaders(bytes)[0]).toMatchObject({ producerEpoch: 2 })
  expect(calls).toBe(1)
})

test('snappy is read in the framing of the Java client and bare', () => {
  expect(Buffer.from(decompress('snappy', xerial(text)))).toEqual(text)
  expect(Buffer.from(decompress('snappy', compressSync(text)))).toEqual(text)
})

test('snappy is not written, and says what to take instead', () => {
  expect(() => compress('snappy', text)).toThrow(/COMPRESSION_NOT_PRODUCED.*use lz4/)
})

const zeros = Buffer.alloc(3_000_000)
const packed = {
  gzip: gzipSync(zeros),
  zstd: zstdCompressSync(zeros),
  lz4: lz4.compressFrameSync(zeros),
  snappy: xerial(zeros),
}

test.each(['gzip', 'zstd', 'lz4', 'snappy'] as const)(
  '%s data that would pass the limit is refused, data at the limit is read',
  (codec) => {
    const exact = batchCompression({ decompressedBytesMax: 3_000_000 })
    expect(exact.decompress(codec, packed[codec])).toHaveLength(3_000_000)
    const tight = batchCompression({ decompressedBytesMax: 2_999_999 })
    expect(() => tight.decompress(codec, packed[codec])).toThrow(StreamError)
    expect(() => tight.decompress(codec, packed[codec])).toThrow(/larger than 2999999 bytes/)
  },
)

test('lz4 frames are of independent blocks without content checksum, as Java reads them', () => {
  expect(compress('lz4', text)[4]).toBe(0x60)
})
