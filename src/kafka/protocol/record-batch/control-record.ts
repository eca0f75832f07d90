/**
 * Transaction markers: control batches hold one record whose key says how a producer's transaction
 * ended.
 */
import { Writer } from '../writer.ts'
import { MalformedMessage, Reader } from '../reader.ts'
import type { BatchHeader } from './batch-header.ts'
import { checkIntact } from './batch-header.ts'
import { position } from './layout.ts'
import { VarintReader } from './varint-reader.ts'

/**
 * `other`: a control record that is none of the transactions' (a KRaft log has some); readers skip
 * it.
 */
export interface ControlRecord {
  readonly kind: 'abort' | 'commit' | 'other'
  readonly coordinatorEpoch: number
}

const keyVersion = 0
const abortType = 0
const commitType = 1

/**
 * What a control batch says. Control batches are never compressed.
 * @throws MalformedMessage
 */
export function decodeControl(records: Uint8Array, header: BatchHeader): ControlRecord {
  checkIntact(records, header)
  // Compaction keeps the batch of a transaction's last marker, without its record.
  if (header.count === 0) return { kind: 'other', coordinatorEpoch: -1 }
  const end = header.start + header.sizeBytes
  try {
    const varints = new VarintReader(records.subarray(0, end), header.start + position.records)
    varints.int32()
    varints.at++
    varints.int64()
    varints.int32()
    const keySize = varints.int32()
    const reader = new Reader(records.subarray(0, end), varints.at)
    const key = new Reader(reader.raw(keySize))
    const version = key.int16()
    const type = key.int16()
    // A newer key version may add fields behind; the type stays where it is (as in the Java
    // client).
    if (version < keyVersion) throw new MalformedMessage(`control record version ${version}`)
    if (type !== abortType && type !== commitType) return { kind: 'other', coordinatorEpoch: -1 }
    return {
      kind: type === abortType ? 'abort' : 'commit',
      coordinatorEpoch: markerEpoch(reader),
    }
  } catch (error) {
    if (error instanceof RangeError) throw new MalformedMessage('a control record passes its end')
    throw error
  }
}

function markerEpoch(reader: Reader): number {
  const varints = new VarintReader(reader.bytes, reader.position)
  const size = varints.int32()
  if (size < 6) return -1
  const value = new Reader(reader.bytes, varints.at)
  value.int16()
  return value.int32()
}

/** Key and value of a marker, to be appended to a control batch. */
export function encodeControl(
  kind: 'abort' | 'commit',
  coordinatorEpoch: number,
): { readonly key: Uint8Array; readonly value: Uint8Array } {
  const key = new Writer()
  key.int16(keyVersion)
  key.int16(kind === 'abort' ? abortType : commitType)
  const value = new Writer()
  value.int16(keyVersion)
  value.int32(coordinatorEpoch)
  return { key: key.bytes(), value: value.bytes() }
}
