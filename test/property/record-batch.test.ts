import { expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { batchCompression } from '../../src/adapters/compression/index.ts'
import {
  decodeBatch,
  decodeControl,
  readBatchHeaders,
} from '../../src/kafka/protocol/record-batch/index.ts'
import { crc32c } from '../../src/kafka/protocol/record-batch/crc32c.ts'
import { MalformedMessage } from '../../src/kafka/protocol/reader.ts'
import { StreamError } from '../../src/model/errors.ts'
import {
  concat,
  decodeAll,
  encoded,
  filled,
  type PlainRecord,
  recordsOf,
} from '../unit/kafka/protocol/record-batch/batches.ts'

const { compress, decompress } = batchCompression({ decompressedBytesMax: 1 << 20 })

const content = () => fc.option(fc.uint8Array({ maxLength: 400 }), { nil: null })
const header = fc.record({ key: fc.string({ unit: 'grapheme', maxLength: 9 }), value: content() })
const timestamp = fc.oneof(
  fc.integer({ min: 1_700_000_000_000, max: 1_700_000_100_000 }),
  fc.integer({ min: -(2 ** 50), max: 2 ** 50 }),
)
const plainRecord: fc.Arbitrary<PlainRecord> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ timestamp, key: content(), value: content() }) },
  fc.record({
    timestamp,
    key: content(),
    value: content(),
    headers: fc.array(header, { minLength: 1, maxLength: 4 }),
  }),
)
const records = fc.array(plainRecord, { minLength: 1, maxLength: 40 })

test('batches of any records come back, one after the other, with the right maximum', () => {
  fc.assert(
    fc.property(fc.array(records, { maxLength: 4 }), (batches) => {
      const bytes = concat(...batches.map((batch) => encoded(batch)))
      expect(decodeAll(bytes).map(recordsOf)).toEqual(batches)
      expect(readBatchHeaders(bytes).map(({ maxTimestamp }) => maxTimestamp)).toEqual(
        batches.map((batch) => Math.max(...batch.map((one) => one.timestamp))),
      )
    }),
    { numRuns: 200 },
  )
}, 30_000)

test('compressed batches come back', () => {
  fc.assert(
    fc.property(records, fc.constantFrom('gzip', 'lz4', 'zstd' as const), (batch, codec) => {
      const bytes = filled(batch).finishCompressed({}, codec, compress)
      expect(decodeAll(bytes, decompress).map(recordsOf)).toEqual([batch])
    }),
    { numRuns: 200 },
  )
}, 30_000)

/** Reads everything that can be read; what is wrong must be said, by one of two errors. */
function readAll(bytes: Uint8Array): void {
  try {
    for (const header of readBatchHeaders(bytes)) {
      if (header.isControl) decodeControl(bytes, header)
      const batch = decodeBatch(bytes, header, decompress)
      for (let i = 0; i < batch.count; i++) batch.headers(i)
    }
  } catch (error) {
    const known = error instanceof MalformedMessage || error instanceof StreamError
    if (!known) throw error
  }
}

/** Puts a fitting checksum in, so that what comes after the check meets the damage. */
function seal(bytes: Uint8Array): Uint8Array {
  if (bytes.length < 61) return bytes
  new DataView(bytes.buffer).setUint32(17, crc32c(bytes, 21))
  return bytes
}

test('damage anywhere is told by the checksum or leaves the records as they were', () => {
  fc.assert(
    fc.property(records, fc.nat(), fc.integer({ min: 1, max: 255 }), (batch, at, change) => {
      const bytes = encoded(batch)
      const place = 21 + (at % (bytes.length - 21))
      bytes[place] = (bytes[place] ?? 0) ^ change
      expect(() => decodeAll(bytes)).toThrow(MalformedMessage)
    }),
    { numRuns: 200 },
  )
}, 30_000)

test('damage under a right checksum never ends in anything but a MalformedMessage', () => {
  const codec = fc.constantFrom('none', 'gzip', 'lz4', 'zstd' as const)
  const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 })
  fc.assert(
    fc.property(records, codec, changes, (batch, codec, changes) => {
      const builder = filled(batch)
      const bytes = Uint8Array.from(
        codec === 'none' ? builder.finish({}) : builder.finishCompressed({}, codec, compress),
      )
      for (const [at, byte] of changes) bytes[21 + (at % (bytes.length - 21))] = byte
      readAll(seal(bytes))
    }),
    { numRuns: 300 },
  )
}, 30_000)

test('bytes that nobody wrote never end in anything but a MalformedMessage', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 61, maxLength: 300 }), (bytes) => {
      new DataView(bytes.buffer).setInt32(8, bytes.length - 12)
      bytes[16] = 2
      readAll(seal(bytes))
    }),
    { numRuns: 300 },
  )
}, 30_000)
