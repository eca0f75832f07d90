import { expect, test } from '@jest/globals'
import {
  assignOffsets,
  decodeBatch,
  decodeControl,
  encodeControl,
  readBatchHeaders,
  RecordBatchBuilder,
} from '../../../../../src/kafka/protocol/record-batch/index.ts'
import { MalformedMessage } from '../../../../../src/kafka/protocol/reader.ts'
import {
  append,
  bytesOf,
  concat,
  decodeAll,
  encoded,
  filled,
  record,
  recordsOf,
  refuseCompressed,
} from './batches.ts'

const three = [record(1000, 'a', 'one'), record(900, null, 'two'), record(5000, 'c', null)]

test('records come back with their timestamps, also earlier ones than the first', () => {
  const [batch] = decodeAll(encoded(three))
  if (batch === undefined) throw new Error('no batch')
  expect(recordsOf(batch)).toEqual(three)
  expect([...batch.offsets]).toEqual([0, 1, 2])
})

test('timestamps decades apart and before 1970 survive', () => {
  const far = [record(-1, 'a', 'b'), record(4_102_444_800_000, 'c', 'd'), record(-9e12, 'e', 'f')]
  const [batch] = decodeAll(encoded(far))
  expect(batch && recordsOf(batch)).toEqual(far)
})

test('headers are decoded when asked for, in order, with repeated names and null values', () => {
  const headers = [
    { key: 'trace', value: bytesOf('1') },
    { key: 'trace', value: null },
    { key: 'ünïcode', value: new Uint8Array(0) },
  ]
  const [batch] = decodeAll(encoded([record(1, 'a', 'b'), { ...record(2, 'c', 'd'), headers }]))
  expect(batch?.headers(0)).toEqual([])
  expect(batch?.headers(1)).toEqual(headers)
  expect(batch?.headers(2)).toEqual([])
})

test('the header tells producer, sequence, flags and the highest timestamp', () => {
  const bytes = encoded(three, {
    producerId: 4_000_000_000_123,
    producerEpoch: 7,
    baseSequence: 42,
    isTransactional: true,
  })
  assignOffsets(bytes, 5_000_000_000, 3)
  expect(readBatchHeaders(bytes)).toEqual([
    expect.objectContaining({
      start: 0,
      sizeBytes: bytes.length,
      baseOffset: 5_000_000_000,
      lastOffset: 5_000_000_002,
      leaderEpoch: 3,
      compression: 'none',
      timestampType: 'create-time',
      isTransactional: true,
      isControl: false,
      baseTimestamp: 1000,
      maxTimestamp: 5000,
      producerId: 4_000_000_000_123,
      producerEpoch: 7,
      baseSequence: 42,
      count: 3,
    }),
  ])
})

test('a batch is equal, byte by byte, to the one that the Java client writes', () => {
  // One record, key "k", value "v", timestamp 1, producer 9, epoch 2, sequence 5, transactional.
  const hex =
    '0000000000000000' + // base offset
    '0000003a' + // length
    'ffffffff' + // leader epoch: unknown
    '02' // magic
  const rest =
    '0010' + // attributes
    '00000000' + // last offset delta
    '0000000000000001' +
    '0000000000000001' + // timestamps
    '0000000000000009' + // producer id
    '0002' +
    '00000005' + // epoch, sequence
    '00000001' + // records
    '1000000002' + // length 8, attributes, deltas, key size 1
    '6b02' +
    '7600'
  const bytes = encoded([record(1, 'k', 'v')], {
    producerId: 9,
    producerEpoch: 2,
    baseSequence: 5,
    isTransactional: true,
  })
  const text = Buffer.from(bytes).toString('hex')
  expect(text.slice(0, 34)).toBe(hex)
  expect(text.slice(42)).toBe(rest)
})

test('a batch can be finished again with another epoch and sequence', () => {
  const builder = filled(three)
  builder.finish({ producerId: 1, producerEpoch: 0, baseSequence: 0 })
  const again = builder.finish({ producerId: 1, producerEpoch: 1, baseSequence: 9 })
  const [header] = readBatchHeaders(again)
  expect(header).toMatchObject({ producerEpoch: 1, baseSequence: 9 })
  expect(decodeAll(again).flatMap(recordsOf)).toEqual(three)
})

test('a reset builder starts an empty batch of its own timestamps', () => {
  const builder = filled(three)
  builder.reset()
  expect(builder).toMatchObject({ count: 0, sizeBytes: 61, maxTimestamp: -1 })
  append(builder, record(77, 'x', 'y'))
  expect(decodeAll(builder.finish({})).flatMap(recordsOf)).toEqual([record(77, 'x', 'y')])
})

test('a record that would pass the batch’s limit is refused and changes nothing', () => {
  const builder = new RecordBatchBuilder(80)
  expect(append(builder, record(1, 'k', 'v'))).toBe(true)
  const { sizeBytes } = builder
  expect(append(builder, record(1, 'k', 'x'.repeat(20)))).toBe(false)
  expect(builder).toMatchObject({ count: 1, sizeBytes })
  expect(decodeAll(builder.finish({})).flatMap(recordsOf)).toEqual([record(1, 'k', 'v')])
})

test('the size told while appending is the size of the batch', () => {
  const builder = new RecordBatchBuilder(1 << 20)
  for (let i = 0; i < 300; i++) {
    append(builder, record(1e12 + i * 100_000, 'k'.repeat(i), 'v'.repeat(i * 7)))
    expect(builder.finish({}).length).toBe(builder.sizeBytes)
  }
})

test('keys and values are found anywhere in larger memory', () => {
  const memory = new Uint8Array(new ArrayBuffer(4096), 128, 2048).map((_, i) => i % 251)
  const builder = new RecordBatchBuilder(1 << 20)
  const expected: Uint8Array[] = []
  for (let size = 0; size < 300; size++) {
    builder.append(1, memory, 3, 3 + size, memory, size, size * 2, [])
    expected.push(memory.slice(3, 3 + size), memory.slice(size, size * 2))
  }
  const records = decodeAll(builder.finish({})).flatMap(recordsOf)
  expect(records.flatMap(({ key, value }) => [key, value])).toEqual(expected)
})

test('a trailing part of a batch is left out, as brokers send it', () => {
  const whole = encoded(three)
  const [first, second] = [encoded([record(1, 'a', 'b')]), whole]
  for (let cut = 0; cut < second.length; cut++) {
    const headers = readBatchHeaders(concat(first, second.subarray(0, cut)))
    expect(headers).toHaveLength(1)
  }
  expect(readBatchHeaders(concat(first, second))).toHaveLength(2)
  expect(readBatchHeaders(new Uint8Array(0))).toEqual([])
})

test('records before the wanted offset are left out', () => {
  const bytes = encoded(three)
  assignOffsets(bytes, 100, 0)
  const [header] = readBatchHeaders(bytes)
  if (header === undefined) throw new Error('no batch')
  const batch = decodeBatch(bytes, header, refuseCompressed, 101)
  expect(batch).toMatchObject({ count: 2, baseOffset: 100, lastOffset: 102 })
  expect(recordsOf(batch)).toEqual(three.slice(1))
  expect([...batch.offsets.subarray(0, batch.count)]).toEqual([101, 102])
})

test('changed bytes are told by the checksum', () => {
  const bytes = encoded(three)
  bytes.set([0x77], bytes.length - 2)
  expect(() => decodeAll(bytes)).toThrow(/checksum of the batch at offset 0/)
})

test('other format versions are refused with what to do', () => {
  const bytes = encoded(three)
  bytes[16] = 1
  expect(() => readBatchHeaders(bytes)).toThrow(/format version 1: only version 2 is read/)
})

test('a record count that the bytes cannot hold allocates nothing', () => {
  const bytes = encoded(three)
  const view = new DataView(bytes.buffer)
  view.setInt32(23, 0x7fff_fff0)
  view.setInt32(57, 0x7fff_fff0)
  expect(() => decodeAll(bytes)).toThrow(MalformedMessage)
})

test('transaction markers say how the transaction ended, and by which coordinator epoch', () => {
  for (const kind of ['abort', 'commit'] as const) {
    const bytes = encoded([{ timestamp: 5, ...encodeControl(kind, 12) }], {
      producerId: 4,
      producerEpoch: 1,
      isTransactional: true,
      isControl: true,
    })
    const [header] = readBatchHeaders(bytes)
    if (header === undefined) throw new Error('no batch')
    expect(header).toMatchObject({ isControl: true, isTransactional: true, baseSequence: -1 })
    expect(decodeControl(bytes, header)).toEqual({ kind, coordinatorEpoch: 12 })
  }
})

test('a control record of another type, or a batch without its marker, ends nothing', () => {
  const other = encoded([{ timestamp: 5, key: Uint8Array.of(0, 0, 0, 3), value: null }], {
    isControl: true,
  })
  const empty = encoded([], { isControl: true })
  for (const bytes of [other, empty]) {
    const [header] = readBatchHeaders(bytes)
    if (header === undefined) throw new Error('no batch')
    expect(decodeControl(bytes, header).kind).toBe('other')
  }
})
