/**
 * What a topic holds for readers of committed records, read from the broker's log itself: nothing
 * of the client is in between.
 */
import { batchCompression } from '../../adapters/compression/index.ts'
import type { Cluster } from '../../kafka/broker/cluster.ts'
import type { PartitionLog } from '../../kafka/broker/log/partition-log.ts'
import { batchBytes } from '../../kafka/broker/log/stored-batch.ts'
import { decodeBatch } from '../../kafka/protocol/record-batch/record-decoder.ts'
import type { Header } from '../../model/record.ts'

/** A committed record; keys and values are copies. */
export interface CommittedRecord {
  readonly partition: number
  readonly offset: number
  readonly timestamp: number
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly headers: readonly Header[]
}

/** Of all partitions, partition after partition, each in its order. */
export function committedRecords(cluster: Cluster, topic: string): readonly CommittedRecord[] {
  const partitions = cluster.topics.get(topic)?.partitions ?? []
  return partitions.flatMap(({ log }) => committedOf(log))
}

/** Committed records of one partition from an offset on. */
export function committedOf(log: PartitionLog, from = 0): readonly CommittedRecord[] {
  const stable = log.lastStableOffset
  const found: CommittedRecord[] = []
  const { batches } = log
  for (let at = log.indexOf(from); at < batches.length; at++) {
    const stored = batches[at]
    if (stored === undefined || stored.header.baseOffset >= stable) break
    const { header } = stored
    if (header.isControl || isAborted(log, header.producerId, header.baseOffset)) continue
    const batch = decodeBatch(batchBytes(stored), header, batchCompression().decompress, from)
    for (let i = 0; i < batch.count; i++) {
      found.push({
        partition: log.partition,
        offset: batch.offsets[i] ?? -1,
        timestamp: batch.timestamps[i] ?? -1,
        key: part(batch.bytes, batch.keyStarts[i], batch.keyEnds[i]),
        value: part(batch.bytes, batch.valueStarts[i], batch.valueEnds[i]),
        headers: batch.headers(i),
      })
    }
  }
  return found
}

function isAborted(log: PartitionLog, producerId: number, offset: number): boolean {
  return producerId >= 0 && log.aborted.covers(producerId, offset)
}

function part(bytes: Uint8Array, start = -1, end = -1): Uint8Array | null {
  return start < 0 ? null : bytes.slice(start, end)
}
