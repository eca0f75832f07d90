import { readInt32, readInt64, writeInt32, writeInt64 } from '../model/int64.ts'
import type { Header } from '../model/record.ts'

/**
 * A control record of a repartition topic: header `__millrace.watermark` (empty), no key, and this
 * value, big-endian:
 *
 * | bytes | field |
 * |---|---|
 * | 1 | version, 1 |
 * | 1 | flags: bit 0 = the producing task is idle |
 * | 4, 4 | producing task: sub-topology, partition |
 * | 8 | its watermark, milliseconds; −(2^53 − 1) for none |
 *
 * A producing task writes one to each partition at a cut after its watermark advanced or its
 * idleness changed, in the transaction of the epoch, so behind every record that it speaks for.
 * Other readers see a record without a key.
 */
export const watermarkHeader = '__millrace.watermark'

export const watermarkHeaders: readonly Header[] = [
  { key: watermarkHeader, value: new Uint8Array(0) },
]

/** Before any watermark; fits 8 bytes and is below every time. */
export const noTime = Number.MIN_SAFE_INTEGER

export interface ProducerWatermark {
  readonly subTopology: number
  readonly partition: number
  readonly watermark: number
  readonly idle: boolean
}

const version = 1
const length = 18

export function encodeWatermark(told: ProducerWatermark): Uint8Array {
  const bytes = new Uint8Array(length)
  bytes[0] = version
  bytes[1] = told.idle ? 1 : 0
  writeInt32(bytes, 2, told.subTopology)
  writeInt32(bytes, 6, told.partition)
  writeInt64(bytes, 10, told.watermark)
  return bytes
}

/** Undefined for a version that this build does not know, or no time: the record is left out. */
export function decodeWatermark(
  bytes: Uint8Array,
  start: number,
  end: number,
): ProducerWatermark | undefined {
  if (start < 0 || end - start < length || bytes[start] !== version) return undefined
  const watermark = readInt64(bytes, start + 10)
  if (!Number.isSafeInteger(watermark)) return undefined
  return {
    idle: bytes[start + 1] === 1,
    subTopology: readInt32(bytes, start + 2),
    partition: readInt32(bytes, start + 6),
    watermark,
  }
}
