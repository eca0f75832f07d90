/** What a leader checks before it appends what a client sent, in Apache Kafka's order. */
import {
  type BatchHeader,
  isIntact,
  readBatchHeaders,
} from '../../protocol/record-batch/batch-header.ts'
import { position } from '../../protocol/record-batch/layout.ts'
import { VarintReader } from '../../protocol/record-batch/varint-reader.ts'
import { MalformedMessage } from '../../protocol/reader.ts'
import type { Cluster } from '../cluster.ts'
import { code } from '../codes.ts'
import type { Partition, Topic } from '../topics.ts'
import type { PartitionLog } from './partition-log.ts'

export type Appended =
  | { readonly kind: 'appended'; readonly baseOffset: number; readonly appendTimeMs: number }
  | Refused

export interface Refused {
  readonly kind: 'refused'
  readonly code: number
  readonly message: string
}

export interface Writing {
  readonly transactionalId: string | null
  /** Of the Produce request. */
  readonly version: number
}

export function refuse(code: number, message: string): Refused {
  return { kind: 'refused', code, message }
}

export function appendRecords(
  cluster: Cluster,
  topic: Topic,
  partition: Partition,
  records: Uint8Array,
  writing: Writing,
): Appended {
  const header = onlyHeader(records)
  if ('kind' in header) return header
  const { log } = partition
  const problem =
    headerProblem(cluster, topic, header) ??
    (isIntact(records, header)
      ? undefined
      : refuse(code.corruptMessage, 'checksum does not fit')) ??
    keyProblem(topic, records, header)
  if (problem !== undefined) return problem
  const transaction =
    transactionProblem(cluster, partition, header, writing) ??
    firstSequenceProblem(log, header, writing)
  if (transaction !== undefined) return transaction
  const verdict = log.judge(header)
  if (verdict.kind === 'refused') return refuse(verdict.code, verdict.message)
  if (verdict.kind === 'duplicate') {
    const { baseOffset } = verdict.of
    return { kind: 'appended', baseOffset, appendTimeMs: appendTime(cluster, topic) ?? -1 }
  }
  const appendTimeMs = appendTime(cluster, topic)
  const stored = log.append(records, header, partition.leaderEpoch, appendTimeMs)
  cluster.changed(log)
  if (isDirty(topic, log)) cluster.compact(topic, log)
  return {
    kind: 'appended',
    baseOffset: stored.header.baseOffset,
    appendTimeMs: appendTimeMs ?? -1,
  }
}

/** Below this a log is not worth cleaning. */
const cleanedBytesMin = 8 * 1024 * 1024

/**
 * Whether enough was appended since the last compaction: `min.cleanable.dirty.ratio` of the log.
 */
function isDirty({ config }: Topic, log: PartitionLog): boolean {
  if (log.uncleanedBytes < cleanedBytesMin || !config.compacted) return false
  return log.uncleanedBytes >= log.sizeBytes * config.number('min.cleanable.dirty.ratio')
}

function appendTime(cluster: Cluster, topic: Topic): number | undefined {
  return topic.config.get('message.timestamp.type') === 'LogAppendTime' ? cluster.nowMs : undefined
}

function onlyHeader(records: Uint8Array): BatchHeader | Refused {
  try {
    const [header, second] = readBatchHeaders(records)
    if (header === undefined) return refuse(code.corruptMessage, 'no complete record batch')
    if (second === undefined && header.sizeBytes === records.length) return header
    return refuse(code.invalidRecord, 'a partition takes exactly one record batch a request')
  } catch (error) {
    if (!(error instanceof MalformedMessage)) throw error
    return refuse(code.corruptMessage, error.message)
  }
}

function headerProblem(cluster: Cluster, topic: Topic, header: BatchHeader): Refused | undefined {
  const bytesMax = topic.config.number('max.message.bytes')
  if (header.sizeBytes > bytesMax) {
    const message = `The record batch size is ${header.sizeBytes} bytes, more than ${bytesMax}`
    return refuse(code.messageTooLarge, message)
  }
  if (header.isControl) return refuse(code.invalidRecord, 'clients may not write control batches')
  if (header.count !== header.lastOffset - header.baseOffset + 1 || header.count === 0) {
    return refuse(code.invalidRecord, 'record count and offsets of the batch disagree')
  }
  if (header.producerId >= 0 && header.baseSequence < 0) {
    return refuse(code.invalidRecord, 'a producer id without a sequence')
  }
  const latest = cluster.nowMs + topic.config.number('message.timestamp.after.max.ms')
  if (header.maxTimestamp > latest && appendTime(cluster, topic) === undefined) {
    return refuse(code.invalidTimestamp, `timestamp ${header.maxTimestamp} is later than allowed`)
  }
  return undefined
}

/** A compacted log needs keys. Compressed batches are taken unread. */
function keyProblem(topic: Topic, records: Uint8Array, header: BatchHeader): Refused | undefined {
  if (!topic.config.compacted || header.compression !== 'none') return undefined
  const reader = new VarintReader(records, header.start + position.records)
  try {
    for (let left = header.count; left > 0; left--) {
      const size = reader.int32()
      const end = reader.at + size
      reader.at++
      reader.int64()
      reader.int32()
      if (reader.int32() < 0) {
        return refuse(code.invalidRecord, 'Compacted topic cannot accept message without key')
      }
      reader.at = end
    }
    return undefined
  } catch (error) {
    if (error instanceof RangeError || error instanceof MalformedMessage) {
      return refuse(code.corruptMessage, 'the records do not fit the batch')
    }
    throw error
  }
}

/**
 * Whether a transactional batch belongs to a transaction that the coordinator knows; from Produce
 * 12
 * on it is made part of it (KIP-890). Errors are those that clients of the request's version know.
 */
function transactionProblem(
  cluster: Cluster,
  { log }: Partition,
  { isTransactional, producerId, producerEpoch }: BatchHeader,
  { transactionalId, version }: Writing,
): Refused | undefined {
  if (!isTransactional || transactionalId === null || producerId < 0) return undefined
  if (log.hasOpenTransaction(producerId, producerEpoch)) return undefined
  const { topic, partition } = log
  const { transactions, nowMs } = cluster
  const producer = { producerId, producerEpoch }
  const part = { topic, partition }
  const result =
    version >= addsPartitionSince
      ? transactions.add(transactionalId, producer, [part], nowMs)
      : transactions.verify(transactionalId, producer, part)
  if (result === code.none) return undefined
  return refuse(producedCode(result, version), 'the partition is not part of the transaction')
}

/** By protocol 2 a producer that the partition does not know has to begin with sequence 0. */
function firstSequenceProblem(
  log: PartitionLog,
  { isTransactional, producerId, baseSequence }: BatchHeader,
  { version }: Writing,
): Refused | undefined {
  const strict = isTransactional && producerId >= 0 && version >= addsPartitionSince
  if (!strict || baseSequence === 0 || log.producers.has(producerId)) return undefined
  return refuse(code.outOfOrderSequence, `the first sequence is ${baseSequence}, not 0`)
}

const addsPartitionSince = 12
const genericErrorsSince = 11

function producedCode(result: number, version: number): number {
  if (result === code.producerFenced) return code.invalidProducerEpoch
  if (result === code.transactionAbortable && version < genericErrorsSince) {
    return code.invalidTxnState
  }
  // An error that older clients retry without asking for metadata.
  const retried = result === code.concurrentTransactions && version < addsPartitionSince
  return retried ? code.notEnoughReplicas : result
}
