/**
 * Batches that the Java client (kafka-clients 4.3.1, `MemoryRecordsBuilder`) has written, one of
 * each codec and kind: they are read as they were meant, and written again byte by byte.
 */
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from '@jest/globals'
import { batchCompression } from '../../src/adapters/compression/index.ts'
import {
  decodeBatch,
  decodeControl,
  readBatchHeaders,
} from '../../src/kafka/protocol/record-batch/index.ts'
import {
  bytesOf,
  encoded,
  type PlainRecord,
  record,
  recordsOf,
} from '../unit/kafka/protocol/record-batch/batches.ts'

const folder = resolve(fileURLToPath(import.meta.url), '../../../../test/golden/expected')
const { batches }: { readonly batches: Readonly<Record<string, string>> } = JSON.parse(
  readFileSync(join(folder, 'java-batches.json'), 'utf8'),
)
const { decompress } = batchCompression()

const written: readonly PlainRecord[] = [
  record(1_700_000_000_000, 'key', 'value'),
  record(1_699_999_999_000, null, 'no key, earlier'),
  record(1_700_000_086_400_000, 'a tombstone', null),
  {
    ...record(1_700_000_000_001, '', 'x'.repeat(300)),
    headers: [
      { key: 'trace', value: bytesOf('1') },
      { key: 'trace', value: null },
      { key: 'ü', value: new Uint8Array(0) },
    ],
  },
]

const producer = {
  producerId: 77,
  producerEpoch: 3,
  baseSequence: 12,
  isTransactional: true,
  baseOffset: 1000,
  leaderEpoch: 5,
}

function read(name: string) {
  const bytes = Uint8Array.from(Buffer.from(batches[name] ?? '', 'base64'))
  const [header, second] = readBatchHeaders(bytes)
  if (header === undefined || second !== undefined) throw new Error(`${name} is not one batch`)
  return { bytes, header }
}

test.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'])('a %s batch of Java is read', (codec) => {
  const { bytes, header } = read(codec)
  const highest = 1_700_000_086_400_000
  expect(header).toMatchObject({ ...producer, compression: codec, maxTimestamp: highest })
  const batch = decodeBatch(bytes, header, decompress)
  expect(recordsOf(batch)).toEqual(written)
  expect([...batch.offsets]).toEqual([1000, 1001, 1002, 1003])
})

test('the same records are written as Java writes them, to the last byte', () => {
  expect(Buffer.from(encoded(written, producer)).toString('base64')).toBe(batches['none'])
})

test('under log append time every record has the time of the broker', () => {
  const { bytes, header } = read('log-append-time')
  expect(header.timestampType).toBe('log-append-time')
  expect([...decodeBatch(bytes, header, decompress).timestamps]).toEqual([1_800_000_000_000])
})

test.each(['commit', 'abort'])('the %s marker of Java is read', (kind) => {
  const { bytes, header } = read(kind)
  expect(header).toMatchObject({ isControl: true, isTransactional: true, producerId: 77 })
  expect(decodeControl(bytes, header)).toEqual({ kind, coordinatorEpoch: 9 })
})
