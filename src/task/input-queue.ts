import type { TopicPartition } from '../model/ids.ts'
import type { RecordBatch } from '../model/record.ts'
import { Origin } from '../operators/origin.ts'
import { Slot } from '../operators/slot.ts'
import type { PartitionTime } from '../time/partition-time.ts'
import { decodeWatermark, watermarkHeader } from '../time/watermark-record.ts'
import type { Entry } from './chain.ts'
import { LookAhead } from './look-ahead.ts'

/**
 * One input partition: batches in log order with a cursor. The record at the cursor is loaded into
 * the queue's slot when it becomes the head: decoded, timestamped, or left out. Control records are
 * taken in on the way.
 */
export class InputQueue {
  readonly input: TopicPartition
  readonly time: PartitionTime
  readonly slot = new Slot()
  readonly #origin: Origin
  readonly #entry: Entry
  readonly #ahead: LookAhead | undefined
  #batches: RecordBatch[] = []
  #batch: RecordBatch | undefined = undefined
  #cursor = 0
  #loaded = false
  /**
   * Records below are not for this task any more: a batch may begin before the committed position.
   */
  #floor = 0
  #nextOffset = 0
  #nextLeaderEpoch = -1
  /** Log end as far as the fetcher told, −1 when it did not yet. */
  #endOffset = -1
  #queuedBytes = 0

  constructor(input: TopicPartition, entry: Entry, time: PartitionTime) {
    this.input = input
    this.time = time
    this.#entry = entry
    this.#origin = new Origin(input.topic, input.partition)
    if (entry.byKey.length > 0) this.#ahead = new LookAhead(entry.byKey)
    this.slot.origin = this.#origin
  }

  get queuedBytes(): number {
    return this.#queuedBytes
  }

  /** True when nothing is queued and nothing is known to be unread. */
  get drained(): boolean {
    return !this.hasHead() && this.#endOffset >= 0 && this.#nextOffset >= this.#endOffset
  }

  /** First offset that is not processed; control records before it count as processed. */
  get position(): number {
    const batch = this.#batch
    const inBatch = batch !== undefined && this.#cursor < batch.count
    const offset = inBatch ? batch.offsets[this.#cursor] : this.#batches[0]?.offsets[0]
    return Math.max(offset ?? this.#nextOffset, this.#floor)
  }

  get leaderEpoch(): number {
    const batch = this.#batch
    const inBatch = batch !== undefined && this.#cursor < batch.count
    return (inBatch ? batch : this.#batches[0])?.leaderEpoch ?? this.#nextLeaderEpoch
  }

  reset(offset: number, leaderEpoch: number): void {
    this.#batches = []
    this.#batch = undefined
    this.#cursor = 0
    this.#loaded = false
    this.#floor = offset
    this.#nextOffset = offset
    this.#nextLeaderEpoch = leaderEpoch
    this.#endOffset = -1
    this.#queuedBytes = 0
  }

  offer(batches: readonly RecordBatch[], nextOffset: number, nextLeaderEpoch: number): void {
    for (const batch of batches) {
      if (batch.count === 0) continue
      this.#batches.push(batch)
      this.#queuedBytes += bytesOf(batch)
    }
    this.#nextOffset = nextOffset
    this.#nextLeaderEpoch = nextLeaderEpoch
  }

  seeEnd(endOffset: number): void {
    this.#endOffset = endOffset
  }

  /** True when `slot` holds the next record to process. */
  hasHead(): boolean {
    return this.#loaded || this.#advance()
  }

  /** Runs the head through the operators and takes it off. */
  process(): void {
    const { slot } = this
    this.time.observe(slot.timestamp, this.time.readsValue ? slot.value() : undefined)
    this.#entry.step.process(slot)
    this.#loaded = false
    this.#cursor += 1
  }

  #advance(): boolean {
    for (;;) {
      const batch = this.#batch
      if (batch === undefined) {
        const next = this.#batches.shift()
        if (next === undefined) return false
        this.#batch = next
        this.#cursor = 0
        continue
      }
      while (this.#cursor < batch.count) {
        if (this.#load(batch, this.#cursor)) {
          this.#loaded = true
          return true
        }
        this.#cursor += 1
      }
      this.#queuedBytes -= bytesOf(batch)
      this.#batch = undefined
    }
  }

  #load(batch: RecordBatch, index: number): boolean {
    if ((batch.offsets[index] ?? 0) < this.#floor) return false
    const { slot } = this
    const keyStart = batch.keyStarts[index] ?? -1
    this.#origin.at(batch, index)
    if (keyStart < 0 && this.#entry.repartition && this.#isWatermark(batch, index)) return false
    slot.timestamp = batch.timestamps[index] ?? -1
    slot.setRawKey(this.#entry.key, batch.bytes, keyStart, batch.keyEnds[index] ?? -1)
    if (this.#ahead !== undefined) slot.setKeyHash(this.#ahead.hashOf(batch, index))
    slot.setRawValue(
      this.#entry.value,
      batch.bytes,
      batch.valueStarts[index] ?? -1,
      batch.valueEnds[index] ?? -1,
    )
    return this.#entry.gate.admit(slot)
  }

  #isWatermark(batch: RecordBatch, index: number): boolean {
    if ((batch.headerStarts[index] ?? -1) < 0) return false
    if (!this.#origin.headers.some(({ key }) => key === watermarkHeader)) return false
    const start = batch.valueStarts[index] ?? -1
    const told = decodeWatermark(batch.bytes, start, batch.valueEnds[index] ?? -1)
    if (told !== undefined) this.time.tell(told)
    return true
  }
}

/**
 * Bytes between the first and the last field of a batch: batches of one fetch share their buffer.
 */
function bytesOf(batch: RecordBatch): number {
  const last = batch.count - 1
  const end = Math.max(batch.keyEnds[last] ?? 0, batch.valueEnds[last] ?? 0)
  const keyStart = batch.keyStarts[0] ?? 0
  const start = keyStart >= 0 ? keyStart : Math.max(batch.valueStarts[0] ?? 0, 0)
  return Math.max(end - start, 0)
}
