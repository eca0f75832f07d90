import { noTime, type ProducerWatermark } from './watermark-record.ts'

/** What is committed beside an input offset. */
export interface PositionTimes {
  readonly streamTime: number
  readonly watermark: number
  /** Of the task: what it had reached, even if partitions that were idle then hold it back now. */
  readonly taskWatermark: number
  /** Of a repartition topic: what its producing tasks told. */
  readonly producers: readonly ProducerWatermark[]
}

export const noTimes: PositionTimes = {
  streamTime: noTime,
  watermark: noTime,
  taskWatermark: noTime,
  producers: [],
}

const version = 2
/** Of a producing task. */
const flag = { idle: 1, silent: 2, below: 4 } as const
/** Brokers refuse metadata over 4096 bytes (`offset.metadata.max.bytes`); base64 makes 4 of 3. */
const bytesMax = 3000

/**
 * Base64 of: version 2; then as variable-length integers (signed ones: sign, then magnitude) stream
 * time, watermark, the task's watermark (not in version 1), the number of producing tasks, and for
 * each: sub-topology, partition, flags (1 idle, 2 no watermark yet, 4 below the partition's), and
 * unless it has none, how far its watermark is from the partition's. Where that is too long,
 * producers are written with the partition's own watermark, which is not above theirs as far as
 * they are active.
 */
export function encodeTimes(times: PositionTimes): string {
  const bytes = encoded(times)
  if (bytes.length <= bytesMax) return toBase64(bytes)
  const { watermark } = times
  return toBase64(
    encoded({ ...times, producers: times.producers.map((told) => ({ ...told, watermark })) }),
  )
}

/** Undefined for an unknown version or damaged text: times then start anew. */
export function decodeTimes(metadata: string): PositionTimes | undefined {
  if (metadata === '') return noTimes
  const bytes = fromBase64(metadata)
  if (bytes === undefined || (bytes[0] !== version && bytes[0] !== 1)) return undefined
  const cursor: Cursor = { bytes, at: 1 }
  const streamTime = readSigned(cursor)
  const watermark = readSigned(cursor)
  const taskWatermark = bytes[0] === 1 ? noTime : readSigned(cursor)
  const count = readUnsigned(cursor)
  const producers: ProducerWatermark[] = []
  for (let index = 0; index < count && cursor.at < bytes.length; index += 1) {
    const subTopology = readUnsigned(cursor)
    const partition = readUnsigned(cursor)
    const flags = readUnsigned(cursor)
    const above = (flags & flag.silent) === 0 ? readUnsigned(cursor) : 0
    const signed = (flags & flag.below) === 0 ? above : -above
    producers.push({
      subTopology,
      partition,
      idle: (flags & flag.idle) !== 0,
      watermark: (flags & flag.silent) === 0 ? watermark + signed : noTime,
    })
  }
  if (cursor.at !== bytes.length) return undefined
  const numbers = [streamTime, watermark, taskWatermark].concat(
    producers.flatMap((told) => [told.subTopology, told.partition, told.watermark]),
  )
  if (!numbers.every(Number.isSafeInteger)) return undefined
  return { streamTime, watermark, taskWatermark, producers }
}

function encoded(times: PositionTimes): number[] {
  const { streamTime, watermark, taskWatermark, producers } = times
  const bytes = [version]
  writeSigned(bytes, streamTime)
  writeSigned(bytes, watermark)
  writeSigned(bytes, taskWatermark)
  writeUnsigned(bytes, producers.length)
  for (const told of producers) {
    writeUnsigned(bytes, told.subTopology)
    writeUnsigned(bytes, told.partition)
    const silent = told.watermark === noTime
    const above = silent ? 0 : told.watermark - watermark
    writeUnsigned(
      bytes,
      (told.idle ? flag.idle : 0) | (silent ? flag.silent : 0) | (above < 0 ? flag.below : 0),
    )
    if (!silent) writeUnsigned(bytes, Math.abs(above))
  }
  return bytes
}

interface Cursor {
  readonly bytes: Uint8Array
  at: number
}

/** Numbers go up to 2^54, so shifts of 32 bits will not do. */
function writeUnsigned(bytes: number[], value: number): void {
  let rest = value
  while (rest >= 128) {
    bytes.push((rest % 128) + 128)
    rest = Math.floor(rest / 128)
  }
  bytes.push(rest)
}

function readUnsigned(cursor: Cursor): number {
  let value = 0
  let scale = 1
  for (;;) {
    const byte = cursor.bytes[cursor.at] ?? 0
    cursor.at += 1
    value += (byte & 127) * scale
    if (byte < 128) return value
    scale *= 128
  }
}

/** Not zigzag: doubling would leave the exact integers. */
function writeSigned(bytes: number[], value: number): void {
  writeUnsigned(bytes, value < 0 ? 1 : 0)
  writeUnsigned(bytes, Math.abs(value))
}

function readSigned(cursor: Cursor): number {
  const negative = readUnsigned(cursor) === 1
  const magnitude = readUnsigned(cursor)
  return negative ? -magnitude : magnitude
}

function toBase64(bytes: readonly number[]): string {
  return btoa(String.fromCharCode(...bytes))
}

function fromBase64(text: string): Uint8Array | undefined {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
  } catch {
    return undefined
  }
}
