/** The growing batches of one outgoing topic, a batch per partition, written record by record. */
import { crc32c } from '../../src/kafka/protocol/record-batch/crc32c.ts'
import { position } from '../../src/kafka/protocol/record-batch/layout.ts'
import {
  varintBytes,
  varlongBytes,
  writeVarint,
  writeVarlong,
} from '../../src/kafka/protocol/record-batch/varint-writer.ts'
import type { CountTable } from './count-table.ts'
import { batchBytes, type Memory } from './memory.ts'

export interface Batch {
  readonly topic: string
  readonly partition: number
  readonly start: number
  readonly end: number
  readonly count: number
  readonly baseTimestamp: number
  readonly maxTimestamp: number
}

/** Producer and sequence of a batch: known when it is sent. */
export interface Stamp {
  readonly producerId: number
  readonly producerEpoch: number
  readonly sequence: number
}

const countBytes = 8
/** More than the fields of a record around its key and value take. */
const fieldBytesMax = 32
const transactional = 1 << 4
const magicVersion = 2

/** One partition's batch under construction. */
export class Outgoing {
  readonly #topic: string
  readonly #partition: number
  readonly #memory: Memory
  readonly #full: (batch: Batch) => void
  #start = -1
  #at = 0
  #count = 0
  #baseTimestamp = 0
  #maxTimestamp = 0

  constructor(topic: string, partition: number, memory: Memory, full: (batch: Batch) => void) {
    this.#topic = topic
    this.#partition = partition
    this.#memory = memory
    this.#full = full
  }

  /** Key, value and headers as they were received: `[from, to)` begins at the key's size. */
  append(timestamp: number, from: number, to: number): void {
    const size = to - from
    const delta = this.#begin(timestamp, size)
    const bytes = this.#memory.bytes
    const length = 1 + varlongBytes(delta) + varintBytes(this.#count) + size
    let at = writeVarint(bytes, this.#at, length)
    bytes[at++] = 0
    at = writeVarlong(bytes, at, delta)
    at = writeVarint(bytes, at, this.#count)
    bytes.copyWithin(at, from, to)
    this.#at = at + size
    this.#count++
  }

  /** The key of an entry with its count as 8 bytes. */
  appendCount(timestamp: number, table: CountTable, entry: number): void {
    const keySize = table.keySizeOf(entry)
    const delta = this.#begin(timestamp, keySize)
    const { bytes, view } = this.#memory
    const offset = this.#count
    const fields = varlongBytes(delta) + varintBytes(offset) + varintBytes(keySize)
    let at = writeVarint(bytes, this.#at, fields + keySize + countBytes + 3)
    bytes[at++] = 0
    at = writeVarlong(bytes, at, delta)
    at = writeVarint(bytes, at, offset)
    at = writeVarint(bytes, at, keySize)
    table.writeKey(entry, bytes, view, at)
    at += keySize
    bytes[at++] = countBytes << 1
    view.setInt32(at, 0)
    view.setUint32(at + 4, table.countOf(entry))
    at += countBytes
    bytes[at++] = 0
    this.#at = at
    this.#count = offset + 1
  }

  /** Ends the batch, if there is one. */
  close(): void {
    if (this.#start < 0) return
    this.#full({
      topic: this.#topic,
      partition: this.#partition,
      start: this.#start,
      end: this.#at,
      count: this.#count,
      baseTimestamp: this.#baseTimestamp,
      maxTimestamp: this.#maxTimestamp,
    })
    this.#start = -1
  }

  /** Makes sure of room for a record; the difference of its timestamp to the batch's first. */
  #begin(timestamp: number, contentBytes: number): number {
    if (this.#start >= 0) {
      if (this.#at + contentBytes + fieldBytesMax <= this.#start + batchBytes) {
        if (timestamp > this.#maxTimestamp) this.#maxTimestamp = timestamp
        return timestamp - this.#baseTimestamp
      }
      this.close()
    }
    this.#start = this.#memory.takeBatch()
    this.#at = this.#start + position.records
    this.#count = 0
    this.#baseTimestamp = timestamp
    this.#maxTimestamp = timestamp
    return 0
  }
}

/** Writes the header in front of a batch's records, and the checksum over them. */
export function stampBatch({ bytes, view }: Memory, batch: Batch, stamp: Stamp): Uint8Array {
  const { start, end, count } = batch
  view.setInt32(start + position.baseOffset, 0)
  view.setInt32(start + position.baseOffset + 4, 0)
  view.setInt32(start + position.length, end - start - 12)
  view.setInt32(start + position.leaderEpoch, -1)
  view.setInt8(start + position.magic, magicVersion)
  view.setInt16(start + position.attributes, transactional)
  view.setInt32(start + position.lastOffsetDelta, count - 1)
  setInt64(view, start + position.baseTimestamp, batch.baseTimestamp)
  setInt64(view, start + position.maxTimestamp, batch.maxTimestamp)
  setInt64(view, start + position.producerId, stamp.producerId)
  view.setInt16(start + position.producerEpoch, stamp.producerEpoch)
  view.setInt32(start + position.baseSequence, stamp.sequence)
  view.setInt32(start + position.count, count)
  view.setUint32(start + position.crc, crc32c(bytes, start + position.attributes, end))
  return bytes.subarray(start, end)
}

function setInt64(view: DataView, at: number, value: number): void {
  view.setInt32(at, Math.floor(value / 0x1_0000_0000))
  view.setUint32(at + 4, value >>> 0)
}
