/** Records of one batch into a view: positions, not copies. */
import type { Header, RecordBatch } from '../../../model/record.ts'
import { noHeaders } from '../../../model/output.ts'
import { StreamError } from '../../../model/errors.ts'
import { MalformedMessage } from '../reader.ts'
import { type BatchHeader, checkIntact } from './batch-header.ts'
import type { Decompress } from './compression.ts'
import { position, recordBytesMin } from './layout.ts'
import { VarintReader } from './varint-reader.ts'

/**
 * Checks and decodes the records of a batch. Records before `fromOffset` are left out, since a
 * broker answers with whole batches. The view points into `records`, or into its decompressed
 * bytes.
 * @throws MalformedMessage when the bytes are not a batch; StreamError from `decompress`.
 */
export function decodeBatch(
  records: Uint8Array,
  header: BatchHeader,
  decompress: Decompress,
  fromOffset = 0,
): RecordBatch {
  checkIntact(records, header)
  const [bytes, start, end] = recordBytes(records, header, decompress)
  if (header.count > (end - start) / recordBytesMin) {
    throw new MalformedMessage(`${header.count} records in ${end - start} bytes`)
  }
  const view = new BatchView(bytes, header)
  try {
    view.decode(start, end, header, fromOffset)
  } catch (error) {
    throw malformedAtEnd(error)
  }
  return view
}

/** The records part of a batch, decompressed, and where it begins and ends. */
export function recordBytes(
  records: Uint8Array,
  header: BatchHeader,
  decompress: Decompress,
): readonly [bytes: Uint8Array, start: number, end: number] {
  const start = header.start + position.records
  const end = header.start + header.sizeBytes
  if (header.compression === 'none') return [records, start, end]
  if (start === end && header.count === 0) return [records, start, end]
  const bytes = decompressed(records.subarray(start, end), header, decompress)
  return [bytes, 0, bytes.length]
}

function decompressed(packed: Uint8Array, header: BatchHeader, decompress: Decompress): Uint8Array {
  if (header.compression === 'none') return packed
  try {
    return decompress(header.compression, packed)
  } catch (error) {
    if (error instanceof StreamError || error instanceof MalformedMessage) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new MalformedMessage(`${header.compression} data of a batch is corrupt: ${reason}`)
  }
}

/** Reading past the end is a `RangeError` of `DataView`, which spares a check per byte. */
function malformedAtEnd(error: unknown): unknown {
  if (!(error instanceof RangeError)) return error
  return new MalformedMessage('a record passes the end of its batch')
}

/** Two columns of doubles, five of integers. */
const recordColumnBytes = 2 * 8 + 5 * 4
/** Up to here the engine has arrays inside its own heap, which is cheaper than memory to share. */
const separateCountMax = 8

function doubles(memory: ArrayBuffer | undefined, at: number, count: number): Float64Array {
  return memory === undefined
    ? new Float64Array(count)
    : new Float64Array(memory, at * count, count)
}

function integers(memory: ArrayBuffer | undefined, at: number, count: number): Int32Array {
  return memory === undefined ? new Int32Array(count) : new Int32Array(memory, at * count, count)
}

class BatchView implements RecordBatch {
  readonly bytes: Uint8Array
  readonly baseOffset: number
  readonly lastOffset: number
  readonly leaderEpoch: number
  readonly offsets: Float64Array
  readonly timestamps: Float64Array
  readonly keyStarts: Int32Array
  readonly keyEnds: Int32Array
  readonly valueStarts: Int32Array
  readonly valueEnds: Int32Array
  readonly headerStarts: Int32Array
  count = 0

  constructor(bytes: Uint8Array, header: BatchHeader) {
    const { count } = header
    this.bytes = bytes
    this.baseOffset = header.baseOffset
    this.lastOffset = header.lastOffset
    this.leaderEpoch = header.leaderEpoch
    const memory = count > separateCountMax ? new ArrayBuffer(count * recordColumnBytes) : undefined
    this.offsets = doubles(memory, 0, count)
    this.timestamps = doubles(memory, 8, count)
    this.keyStarts = integers(memory, 16, count)
    this.keyEnds = integers(memory, 20, count)
    this.valueStarts = integers(memory, 24, count)
    this.valueEnds = integers(memory, 28, count)
    this.headerStarts = integers(memory, 32, count)
  }

  decode(start: number, end: number, header: BatchHeader, fromOffset: number): void {
    const reader = new VarintReader(this.bytes, start)
    const appendTime = header.timestampType === 'log-append-time'
    let index = 0
    for (let left = header.count; left > 0; left--) {
      const size = reader.int32()
      const recordEnd = reader.at + size
      if (size < 0 || recordEnd > end) throw new MalformedMessage(`a record of ${size} bytes`)
      reader.at++ // attributes: none are defined
      const timestamp = header.baseTimestamp + reader.int64()
      const offset = header.baseOffset + reader.int32()
      if (offset < header.baseOffset || offset > header.lastOffset) {
        throw new MalformedMessage(`a record with offset ${offset} in ${describe(header)}`)
      }
      if (offset < fromOffset) {
        reader.at = recordEnd
        continue
      }
      this.offsets[index] = offset
      this.timestamps[index] = appendTime ? header.maxTimestamp : timestamp
      this.#decodeContent(reader, index, recordEnd)
      index++
    }
    if (reader.at !== end)
      throw new MalformedMessage(`bytes after the records of ${describe(header)}`)
    this.count = index
  }

  #decodeContent(reader: VarintReader, index: number, recordEnd: number): void {
    const keySize = reader.int32()
    const keyStart = keySize < 0 ? -1 : reader.at
    if (keySize > 0) reader.at += keySize
    this.keyStarts[index] = keyStart
    this.keyEnds[index] = keySize < 0 ? -1 : reader.at
    const valueSize = reader.int32()
    const valueStart = valueSize < 0 ? -1 : reader.at
    if (valueSize > 0) reader.at += valueSize
    this.valueStarts[index] = valueStart
    this.valueEnds[index] = valueSize < 0 ? -1 : reader.at
    const headerStart = reader.at
    const headerCount = reader.int32()
    this.headerStarts[index] = headerCount === 0 ? -1 : headerStart
    // Headers are decoded when they are asked for; their place alone is checked here.
    const fits = headerCount === 0 ? reader.at === recordEnd : reader.at + headerCount <= recordEnd
    if (!fits || headerCount < 0) throw new MalformedMessage('a record’s parts pass its end')
    reader.at = recordEnd
  }

  headers(index: number): readonly Header[] {
    const start = index < this.count ? (this.headerStarts[index] ?? -1) : -1
    if (start < 0) return noHeaders
    try {
      return decodeHeaders(this.bytes, start)
    } catch (error) {
      throw malformedAtEnd(error)
    }
  }
}

const utf8 = new TextDecoder()

function decodeHeaders(bytes: Uint8Array, start: number): Header[] {
  const reader = new VarintReader(bytes, start)
  const headers: Header[] = []
  for (let left = reader.int32(); left > 0; left--) {
    const key = take(bytes, reader)
    if (key === null) throw new MalformedMessage('a header without a name')
    headers.push({ key: utf8.decode(key), value: take(bytes, reader) })
  }
  return headers
}

function take(bytes: Uint8Array, reader: VarintReader): Uint8Array | null {
  const size = reader.int32()
  if (size < 0) return null
  const start = reader.at
  reader.at += size
  if (reader.at > bytes.length) throw new MalformedMessage('a header passes the end of its batch')
  return bytes.subarray(start, reader.at)
}

function describe(header: BatchHeader): string {
  return `the batch of offsets ${header.baseOffset} to ${header.lastOffset}`
}
