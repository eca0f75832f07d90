/**
 * Writes the input as other applications would: plain batches, and transactions of several
 * producers side by side, some of which abort.
 */
import { murmur2 } from '../../model/murmur2.ts'
import type { Cluster } from '../../kafka/broker/cluster.ts'
import type { Partition } from '../../kafka/broker/topics.ts'
import { RecordBatchBuilder } from '../../kafka/protocol/record-batch/batch-builder.ts'
import { readBatchHeaders } from '../../kafka/protocol/record-batch/batch-header.ts'

/** A record to write, as bytes. */
export interface RawRecord {
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly timestamp: number
}

interface OpenTransaction {
  readonly producerId: number
  readonly partitions: Set<Partition>
  readonly sequences: Map<Partition, number>
}

const batchBytesMax = 1_000_000
/** Transactions that are open at a time. */
const openMax = 3

export class InputWriter {
  readonly #cluster: Cluster
  readonly #random: () => number
  readonly #open: OpenTransaction[] = []
  #next = 0
  /** Records written, those of aborted transactions included. */
  written = 0

  constructor(cluster: Cluster, random: () => number) {
    this.#cluster = cluster
    this.#random = random
  }

  /** Writes records of one topic: at once for all to see, or within a transaction. */
  write(topic: string, records: readonly RawRecord[]): void {
    const within = this.#random() < 0.5 ? this.#transaction() : undefined
    for (const [partition, batch] of this.#divided(topic, records)) {
      this.#append(partition, batch, within)
    }
    if (this.#random() < 0.6) this.#endOne()
  }

  /** Ends every transaction that is open. */
  finish(): void {
    while (this.#open.length > 0) this.#endOne()
  }

  #transaction(): OpenTransaction {
    const at = Math.floor(this.#random() * openMax)
    const open = this.#open[at]
    if (open !== undefined) return open
    const producerId = this.#cluster.transactions.newProducerId()
    const begun = { producerId, partitions: new Set<Partition>(), sequences: new Map() }
    this.#open.push(begun)
    return begun
  }

  #endOne(): void {
    const [ended] = this.#open.splice(Math.floor(this.#random() * this.#open.length), 1)
    if (ended === undefined) return
    const committed = this.#random() < 0.7
    const { producerId, partitions } = ended
    const marker = { producerId, producerEpoch: 0, coordinatorEpoch: 0, committed }
    for (const partition of partitions) this.#cluster.writeMarker(partition, marker)
  }

  /** By the key as Java's producer does it; without a key in turn. */
  #divided(topic: string, records: readonly RawRecord[]): Map<Partition, RawRecord[]> {
    const { partitions } = this.#cluster.topics.get(topic) ?? { partitions: [] }
    const divided = new Map<Partition, RawRecord[]>()
    for (const record of records) {
      const { key } = record
      const number = key === null ? this.#next++ : murmur2(key, 0, key.length) & 0x7fff_ffff
      const partition = partitions[number % partitions.length]
      if (partition === undefined) throw new RangeError(`no topic ${topic}`)
      divided.set(partition, [...(divided.get(partition) ?? []), record])
    }
    return divided
  }

  #append(partition: Partition, records: readonly RawRecord[], within?: OpenTransaction): void {
    const builder = new RecordBatchBuilder(batchBytesMax)
    const none = new Uint8Array(0)
    for (const { timestamp, key, value } of records) {
      const [k, v] = [key ?? none, value ?? none]
      const [keyStart, valueStart] = [key === null ? -1 : 0, value === null ? -1 : 0]
      builder.append(timestamp, k, keyStart, k.length, v, valueStart, v.length, [])
    }
    const baseSequence = within?.sequences.get(partition) ?? 0
    const bytes = builder.finish(
      within === undefined
        ? {}
        : { producerId: within.producerId, producerEpoch: 0, baseSequence, isTransactional: true },
    )
    const [header] = readBatchHeaders(bytes)
    if (header === undefined) return
    partition.log.append(bytes, header, partition.leaderEpoch)
    within?.partitions.add(partition)
    within?.sequences.set(partition, baseSequence + records.length)
    this.#cluster.changed(partition.log)
    this.written += records.length
  }
}
