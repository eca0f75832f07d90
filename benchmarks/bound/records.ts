/** The loop over received records: positions in the bytes, nothing taken out of them. */
import { crc32c } from '../../src/kafka/protocol/record-batch/crc32c.ts'
import { position } from '../../src/kafka/protocol/record-batch/layout.ts'
import { VarintReader } from '../../src/kafka/protocol/record-batch/varint-reader.ts'
import type { CountTable } from './count-table.ts'
import type { Memory } from './memory.ts'
import type { Outgoing } from './outgoing.ts'

const compressionMask = 0b111
const controlBit = 1 << 5
const frameBytes = 12

/** What is done with the records of one partition. */
export interface Work {
  readonly output: Outgoing
  /** Undefined: records are passed on as they are. */
  readonly table: CountTable | undefined
  nextOffset: number
}

/**
 * What is processed before sockets have their turn again: a commit takes several of these turns,
 * and a large answer in one go would make each of them tens of milliseconds long.
 */
const sliceBytes = 256 * 1024

/** Processes complete batches in `[start, end)` up to a slice; where to go on, `end` at the end. */
export function processSlice(memory: Memory, start: number, end: number, work: Work): number {
  const { bytes, view } = memory
  let at = start
  while (at - start < sliceBytes) {
    if (end - at < position.records) return end
    const batchEnd = at + frameBytes + view.getInt32(at + position.length)
    if (batchEnd > end) return end
    const attributes = view.getInt16(at + position.attributes)
    if (attributes & compressionMask) throw new Error('the bare loop reads uncompressed batches')
    const crc = view.getUint32(at + position.crc)
    if (crc32c(bytes, at + position.attributes, batchEnd) !== crc) throw new Error('checksum')
    const baseOffset = int64(view, at + position.baseOffset)
    if (baseOffset < work.nextOffset) throw new Error('the bare loop reads whole batches')
    if ((attributes & controlBit) === 0) {
      const count = view.getInt32(at + position.count)
      const baseTimestamp = int64(view, at + position.baseTimestamp)
      const reader = new VarintReader(bytes, at + position.records)
      if (work.table === undefined) forward(reader, count, baseTimestamp, work.output)
      else countKeys(memory, reader, count, baseTimestamp, work.table, work.output)
    }
    work.nextOffset = baseOffset + view.getInt32(at + position.lastOffsetDelta) + 1
    at = batchEnd
  }
  return at
}

function forward(
  reader: VarintReader,
  count: number,
  baseTimestamp: number,
  output: Outgoing,
): void {
  for (let left = count; left > 0; left--) {
    const size = reader.int32()
    const end = reader.at + size
    reader.at++
    const timestamp = baseTimestamp + reader.int64()
    reader.int32()
    output.append(timestamp, reader.at, end)
    reader.at = end
  }
}

function countKeys(
  { bytes, view }: Memory,
  reader: VarintReader,
  count: number,
  baseTimestamp: number,
  table: CountTable,
  output: Outgoing,
): void {
  for (let left = count; left > 0; left--) {
    const size = reader.int32()
    const end = reader.at + size
    reader.at++
    const timestamp = baseTimestamp + reader.int64()
    reader.int32()
    const keySize = reader.int32()
    if (keySize >= 0) {
      const entry = table.increment(bytes, view, reader.at, keySize, timestamp)
      output.appendCount(table.timeOf(entry), table, entry)
    }
    reader.at = end
  }
}

/** Each changed key once. */
export function writeChanges(table: CountTable, changelog: Outgoing): void {
  for (let i = 0; i < table.dirtyCount; i++) {
    const entry = table.dirty[i] ?? 0
    changelog.appendCount(table.timeOf(entry), table, entry)
  }
  table.nextEpoch()
}

function int64(view: DataView, at: number): number {
  return view.getInt32(at) * 0x1_0000_0000 + view.getUint32(at + 4)
}
