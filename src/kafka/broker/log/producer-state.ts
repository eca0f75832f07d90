/**
 * What a partition knows of its idempotent producers: epoch, the last five batches, the open
 * transaction. The rules
 * are those of Apache Kafka's ProducerAppendInfo and ProducerStateEntry.
 */
import type { BatchHeader } from '../../protocol/record-batch/batch-header.ts'
import { code } from '../codes.ts'

const batchesKept = 5
const sequenceMax = 0x7fff_ffff

export interface KeptBatch {
  readonly firstSequence: number
  readonly lastSequence: number
  readonly baseOffset: number
  readonly timestamp: number
}

/** The end of a producer's transaction, as it is written to each partition of it. */
export interface Marker {
  readonly producerId: number
  readonly producerEpoch: number
  readonly coordinatorEpoch: number
  readonly committed: boolean
}

type DataBatch = Pick<
  BatchHeader,
  'producerEpoch' | 'baseSequence' | 'baseOffset' | 'lastOffset' | 'maxTimestamp'
>

export type Verdict =
  | { readonly kind: 'append' }
  | { readonly kind: 'duplicate'; readonly of: KeptBatch }
  | { readonly kind: 'refused'; readonly code: number; readonly message: string }

const append: Verdict = { kind: 'append' }

export class ProducerState {
  epoch = -1
  coordinatorEpoch = -1
  lastTimestamp = -1
  /** Last offset of its latest batch of data. */
  lastOffset = -1
  /** First offset of the open transaction. */
  transactionStart: number | undefined
  readonly #batches: KeptBatch[] = []

  get lastSequence(): number {
    return this.#batches.at(-1)?.lastSequence ?? -1
  }

  judge(header: BatchHeader): Verdict {
    const { producerEpoch, baseSequence } = header
    const duplicate = this.#duplicateOf(header)
    if (duplicate !== undefined) return { kind: 'duplicate', of: duplicate }
    if (producerEpoch < this.epoch) {
      const message = `epoch ${producerEpoch} is older than ${this.epoch}`
      return { kind: 'refused', code: code.invalidProducerEpoch, message }
    }
    if (!this.#fits(producerEpoch, baseSequence)) {
      const message = `sequence ${baseSequence} does not follow ${this.lastSequence}`
      return { kind: 'refused', code: code.outOfOrderSequence, message }
    }
    if (this.transactionStart !== undefined && !header.isTransactional) {
      const message = 'a plain write while the producer has a transaction open'
      return { kind: 'refused', code: code.invalidTxnState, message }
    }
    return append
  }

  #duplicateOf(header: BatchHeader): KeptBatch | undefined {
    if (header.producerEpoch !== this.epoch) return undefined
    const last = lastSequenceOf(header)
    return this.#batches.find(
      (batch) => batch.firstSequence === header.baseSequence && batch.lastSequence === last,
    )
  }

  #fits(epoch: number, sequence: number): boolean {
    // Nothing is known of the producer (deleted records, or its first batch): any sequence is
    // taken.
    if (this.epoch < 0) return true
    if (epoch !== this.epoch) return sequence === 0
    const last = this.lastSequence
    return sequence === last + 1 || (sequence === 0 && last === sequenceMax)
  }

  /** Notes a batch that was judged and appended. */
  add(header: DataBatch): void {
    this.#advanceTo(header.producerEpoch)
    this.#batches.push({
      firstSequence: header.baseSequence,
      lastSequence: lastSequenceOf(header),
      baseOffset: header.baseOffset,
      timestamp: header.maxTimestamp,
    })
    if (this.#batches.length > batchesKept) this.#batches.shift()
    this.lastTimestamp = header.maxTimestamp
    this.lastOffset = header.lastOffset
  }

  /**
   * The error code for a marker. `bumped`: its epoch has to be above that of the open
   * transaction's data.
   */
  judgeMarker({ producerEpoch, coordinatorEpoch }: Marker, bumped: boolean): number {
    const open = this.transactionStart !== undefined
    const lowest = bumped && open ? this.epoch + 1 : this.epoch
    if (producerEpoch < lowest) return code.invalidProducerEpoch
    return coordinatorEpoch < this.coordinatorEpoch ? code.transactionCoordinatorFenced : code.none
  }

  /** Notes a marker: a higher epoch begins with sequence 0. */
  end(epoch: number, coordinatorEpoch: number, timestamp: number): void {
    this.#advanceTo(epoch)
    this.coordinatorEpoch = coordinatorEpoch
    this.transactionStart = undefined
    this.lastTimestamp = timestamp
  }

  #advanceTo(epoch: number): void {
    if (epoch === this.epoch) return
    this.epoch = epoch
    this.#batches.length = 0
  }
}

/** Sequences wrap from 2³¹−1 to 0. */
function lastSequenceOf({ baseSequence, baseOffset, lastOffset }: DataBatch): number {
  const last = baseSequence + (lastOffset - baseOffset)
  return last > sequenceMax ? last - sequenceMax - 1 : last
}
