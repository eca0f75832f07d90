/**
 * One partition: its batches as encoded bytes, its producers, and the offsets that readers are
 * bound by.
 */
import type { BatchHeader } from '../../protocol/record-batch/batch-header.ts'
import { RecordBatchBuilder } from '../../protocol/record-batch/batch-builder.ts'
import { encodeControl } from '../../protocol/record-batch/control-record.ts'
import { readBatchHeaders } from '../../protocol/record-batch/batch-header.ts'
import { AbortedIndex, type AbortedTransaction } from './aborted-index.ts'
import { LeaderEpochs } from './leader-epochs.ts'
import { type Marker, ProducerState, type Verdict } from './producer-state.ts'
import { Segments } from './segments.ts'
import { type StoredBatch, storeBatch } from './stored-batch.ts'

export interface Slice {
  /** Whole batches that follow each other; the first may begin before the asked offset. */
  readonly records: Uint8Array
  /** One past the last offset of these batches. */
  readonly nextOffset: number
}

const accepted: Verdict = { kind: 'append' }

export class PartitionLog {
  readonly topic: string
  readonly partition: number
  readonly epochs = new LeaderEpochs()
  readonly aborted = new AbortedIndex()
  readonly producers = new Map<number, ProducerState>()
  startOffset = 0
  endOffset = 0
  /** Bytes appended since the last compaction. */
  uncleanedBytes = 0
  #batches: StoredBatch[] = []
  #segments = new Segments()
  #sizeBytes = 0
  /** Producer id → first offset of its open transaction; in the order of the offsets. */
  readonly #open = new Map<number, number>()

  constructor(topic: string, partition: number) {
    this.topic = topic
    this.partition = partition
  }

  /** One past what read_committed lets through: the first offset of the oldest open transaction. */
  get lastStableOffset(): number {
    for (const first of this.#open.values()) return first
    return this.endOffset
  }

  /** Bytes of all batches. */
  get sizeBytes(): number {
    return this.#sizeBytes
  }

  /** In the order of their offsets. */
  get batches(): readonly StoredBatch[] {
    return this.#batches
  }

  hasOpenTransaction(producerId: number, epoch: number): boolean {
    return this.#open.has(producerId) && this.producers.get(producerId)?.epoch === epoch
  }

  judge(header: BatchHeader): Verdict {
    // A batch without producer id is not tracked, whatever its transactional bit says (as in Apache
    // Kafka).
    if (header.producerId < 0) return accepted
    return this.producers.get(header.producerId)?.judge(header) ?? accepted
  }

  /** Appends a batch that was judged; returns it as it is stored. */
  append(
    bytes: Uint8Array,
    header: BatchHeader,
    leaderEpoch: number,
    appendTimeMs?: number,
  ): StoredBatch {
    const stamp = { baseOffset: this.endOffset, leaderEpoch, appendTimeMs }
    const batch = storeBatch(this.#segments, bytes, header, stamp)
    this.#batches.push(batch)
    this.endOffset = batch.header.lastOffset + 1
    this.uncleanedBytes += header.sizeBytes
    this.#sizeBytes += header.sizeBytes
    if (header.producerId >= 0 && !header.isControl) this.#noteProducer(batch.header)
    return batch
  }

  #noteProducer(header: BatchHeader): void {
    const { producerId, baseOffset } = header
    const producer = this.#producer(producerId)
    producer.add(header)
    if (!header.isTransactional || producer.transactionStart !== undefined) return
    producer.transactionStart = baseOffset
    this.#open.set(producerId, baseOffset)
  }

  #producer(producerId: number): ProducerState {
    let producer = this.producers.get(producerId)
    if (producer === undefined) {
      producer = new ProducerState()
      this.producers.set(producerId, producer)
    }
    return producer
  }

  /**
   * Ends a producer's transaction; without data of it the marker is written all the same, as Apache
   * Kafka does.
   */
  appendMarker(marker: Marker, leaderEpoch: number, nowMs: number): void {
    const { producerId, producerEpoch, coordinatorEpoch } = marker
    const producer = this.#producer(producerId)
    if (producerEpoch < producer.epoch) return
    const bytes = markerBatch(marker, nowMs)
    const [header] = readBatchHeaders(bytes)
    if (header === undefined) return
    const stored = this.append(bytes, header, leaderEpoch)
    const firstOffset = producer.transactionStart
    producer.end(producerEpoch, coordinatorEpoch, nowMs)
    this.#open.delete(producerId)
    if (firstOffset === undefined || marker.committed) return
    const lastOffset = stored.header.baseOffset
    const lastStableOffset = this.lastStableOffset
    this.aborted.add({ producerId, firstOffset, lastOffset, lastStableOffset })
  }

  /**
   * Whole batches from an offset on, below `endOffset`; at most `bytesMax`, unless `oneAtLeast`. No
   * bytes are
   * copied: what is returned ends with the segment, if not before.
   */
  read(from: number, endOffset: number, bytesMax: number, oneAtLeast: boolean): Slice | undefined {
    const index = this.indexOf(from)
    const first = this.#batches[index]
    if (first === undefined || first.header.baseOffset >= endOffset) return undefined
    if (!oneAtLeast && first.end - first.start > bytesMax) return undefined
    let last = first
    for (let i = index + 1; i < this.#batches.length; i++) {
      const batch = this.#batches[i]
      if (batch === undefined || batch.segment !== first.segment) break
      if (batch.header.baseOffset >= endOffset || batch.end - first.start > bytesMax) break
      last = batch
    }
    const records = first.segment.subarray(first.start, last.end)
    return { records, nextOffset: last.header.lastOffset + 1 }
  }

  abortedBetween(from: number, to: number): readonly AbortedTransaction[] {
    return this.aborted.overlapping(from, to)
  }

  /** Index of the first batch that reaches the offset; the number of batches where none does. */
  indexOf(offset: number): number {
    let low = 0
    let high = this.#batches.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const last = this.#batches[middle]?.header.lastOffset ?? offset
      if (last < offset) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Puts what compaction left in the place of all batches. */
  replaceBatches(batches: StoredBatch[], segments: Segments): void {
    this.#batches = batches
    this.#segments = segments
    this.#sizeBytes = sizeOf(batches)
    this.uncleanedBytes = 0
  }

  /** Forgets what is before an offset; a batch that reaches over it stays whole. */
  deleteBefore(offset: number): void {
    this.startOffset = Math.max(this.startOffset, offset)
    this.#sizeBytes -= sizeOf(this.#batches.splice(0, this.indexOf(this.startOffset)))
    this.aborted.dropBefore(this.startOffset)
  }
}

function sizeOf(batches: readonly StoredBatch[]): number {
  return batches.reduce((sum, batch) => sum + batch.end - batch.start, 0)
}

const markerBytesMax = 256

function markerBatch(marker: Marker, nowMs: number): Uint8Array {
  const { key, value } = encodeControl(
    marker.committed ? 'commit' : 'abort',
    marker.coordinatorEpoch,
  )
  const builder = new RecordBatchBuilder(markerBytesMax)
  builder.append(nowMs, key, 0, key.length, value, 0, value.length, [])
  const { producerId, producerEpoch } = marker
  return builder.finish({ producerId, producerEpoch, isTransactional: true, isControl: true })
}
