/**
 * The open epoch's memory: one growing batch per partition, swapped away when the epoch is sealed.
 */
import { StreamError } from '../../../model/errors.ts'
import { partitionName, type TopicPartition } from '../../../model/ids.ts'
import type { Output, OutputPartition } from '../../../model/output.ts'
import type { Header } from '../../../model/record.ts'
import { RecordBatchBuilder } from '../../protocol/record-batch/index.ts'
import type { SealedOutput } from '../port.ts'

/** What one partition gets in an epoch; more than one batch when it passed the limit of one. */
export interface SealedPartition extends TopicPartition {
  readonly name: string
  readonly batches: readonly RecordBatchBuilder[]
}

export class SealedEpoch implements SealedOutput {
  readonly records: number
  readonly bytes: number
  readonly partitions: readonly SealedPartition[]

  constructor(records: number, bytes: number, partitions: readonly SealedPartition[]) {
    this.records = records
    this.bytes = bytes
    this.partitions = partitions
  }
}

/** Batches kept for reuse; their memory has grown to what a partition needs. */
const sparesMax = 32

export class EpochOutput implements Output {
  readonly #batchBytesMax: number
  readonly #partitionCount: (topic: string) => number
  readonly #topics = new Map<string, PartitionOutput[]>()
  readonly #spares: RecordBatchBuilder[] = []
  #written: PartitionOutput[] = []
  #bytes = 0
  #records = 0

  constructor(batchBytesMax: number, partitionCount: (topic: string) => number) {
    this.#batchBytesMax = batchBytesMax
    this.#partitionCount = partitionCount
  }

  get bytes(): number {
    return this.#bytes
  }

  get records(): number {
    return this.#records
  }

  partitionsOf(topic: string): number {
    return this.#partitionCount(topic)
  }

  open(topic: string, partition: number): OutputPartition {
    let partitions = this.#topics.get(topic)
    if (partitions === undefined) {
      partitions = []
      this.#topics.set(topic, partitions)
    }
    const present = partitions[partition]
    if (present !== undefined) return present
    const made = new PartitionOutput(this, topic, partition)
    partitions[partition] = made
    return made
  }

  /** Takes what was written since the last call. */
  seal(): SealedEpoch {
    const partitions = this.#written.map((output) => ({
      topic: output.topic,
      partition: output.partition,
      name: output.name,
      batches: output.take(),
    }))
    const sealed = new SealedEpoch(this.#records, this.#bytes, partitions)
    this.#written = []
    this.#records = 0
    this.#bytes = 0
    return sealed
  }

  discard(): void {
    this.recycle(this.seal())
  }

  /** Gives the memory of an epoch back that no request uses any more. */
  recycle(sealed: SealedEpoch): void {
    for (const { batches } of sealed.partitions) {
      for (const batch of batches) {
        if (this.#spares.length >= sparesMax) return
        batch.reset()
        this.#spares.push(batch)
      }
    }
  }

  /** A batch for a partition; `first` is its first of this epoch. */
  begin(output: PartitionOutput, first: boolean): RecordBatchBuilder {
    if (first) this.#written.push(output)
    return this.#spares.pop() ?? new RecordBatchBuilder(this.#batchBytesMax)
  }

  added(bytes: number): void {
    this.#bytes += bytes
    this.#records++
  }
}

class PartitionOutput implements OutputPartition {
  readonly topic: string
  readonly partition: number
  readonly name: string
  readonly #output: EpochOutput
  #batches: RecordBatchBuilder[] = []
  #current: RecordBatchBuilder | undefined

  constructor(output: EpochOutput, topic: string, partition: number) {
    this.#output = output
    this.topic = topic
    this.partition = partition
    this.name = partitionName(this)
  }

  append(
    timestamp: number,
    key: Uint8Array,
    keyStart: number,
    keyEnd: number,
    value: Uint8Array,
    valueStart: number,
    valueEnd: number,
    headers: readonly Header[],
  ): void {
    let batch = this.#current ?? this.#begin()
    let before = batch.sizeBytes
    while (!batch.append(timestamp, key, keyStart, keyEnd, value, valueStart, valueEnd, headers)) {
      if (batch.count === 0) throw this.#tooLarge(keyEnd - keyStart + valueEnd - valueStart, batch)
      batch = this.#begin()
      before = batch.sizeBytes
    }
    this.#output.added(batch.sizeBytes - before)
  }

  /** The batches written since the last call; an empty one is left when a record was refused. */
  take(): readonly RecordBatchBuilder[] {
    const batches = this.#batches.filter((batch) => batch.count > 0)
    this.#batches = []
    this.#current = undefined
    return batches
  }

  #begin(): RecordBatchBuilder {
    const batch = this.#output.begin(this, this.#batches.length === 0)
    this.#batches.push(batch)
    this.#current = batch
    return batch
  }

  #tooLarge(recordBytes: number, { bytesMax }: RecordBatchBuilder): StreamError {
    const what = `a record of ${recordBytes} bytes does not fit a batch of ${bytesMax} bytes`
    const advice = "write smaller records, or raise batchBytesMax and the topic's max.message.bytes"
    return new StreamError('RECORD_TOO_LARGE', `${what}; ${advice}`, {
      domain: 'user',
      recovery: 'fatal',
      where: { topic: this.topic, partition: this.partition },
    })
  }
}
