import { readInt32, readInt64, writeInt32, writeInt64 } from '../model/int64.ts'
import { cannotRead, cannotWrite } from './failures.ts'
import type { Serde } from './serde.ts'

const longMax = 2n ** 63n - 1n
const longMin = -(2n ** 63n)

/** 4 bytes, big-endian, as Kafka's IntegerSerializer. */
export const int32: Serde<number> = Object.freeze({
  name: 'int32',
  serialize(value: number) {
    if ((value | 0) !== value) {
      throw cannotWrite('int32', value, 'it takes an integer from -2147483648 to 2147483647')
    }
    const bytes = new Uint8Array(4)
    writeInt32(bytes, 0, value)
    return bytes
  },
  deserialize(bytes: Uint8Array) {
    checkLength('int32', bytes, 4)
    return readInt32(bytes, 0)
  },
})

/**
 * 8 bytes, big-endian, as Kafka's LongSerializer, with a number on this side: only integers that
 * a number holds exactly, ±(2^53 − 1). `bigint64` has the same bytes without that limit.
 */
export const int64: Serde<number> = Object.freeze({
  name: 'int64',
  serialize(value: number) {
    if (!Number.isSafeInteger(value)) {
      throw cannotWrite('int64', value, 'it takes an integer within ±(2^53 − 1); see bigint64')
    }
    const bytes = new Uint8Array(8)
    writeInt64(bytes, 0, value)
    return bytes
  },
  deserialize(bytes: Uint8Array) {
    checkLength('int64', bytes, 8)
    const value = readInt64(bytes, 0)
    if (!Number.isSafeInteger(value)) {
      throw cannotRead('int64', bytes, 'the integer is beyond ±(2^53 − 1): use bigint64')
    }
    return value
  },
})

/** 8 bytes, big-endian, as Kafka's LongSerializer, over its whole range. */
export const bigint64: Serde<bigint> = Object.freeze({
  name: 'bigint64',
  serialize(value: bigint) {
    if (typeof value !== 'bigint' || value > longMax || value < longMin) {
      throw cannotWrite('bigint64', value, 'it takes a bigint of at most 64 bits')
    }
    const bytes = new Uint8Array(8)
    view(bytes).setBigInt64(0, value)
    return bytes
  },
  deserialize(bytes: Uint8Array) {
    checkLength('bigint64', bytes, 8)
    return view(bytes).getBigInt64(0)
  },
})

/** 8 bytes, IEEE 754 big-endian, as Kafka's DoubleSerializer. */
export const double: Serde<number> = Object.freeze({
  name: 'double',
  serialize(value: number) {
    if (typeof value !== 'number') throw cannotWrite('double', value, 'it takes a number')
    const bytes = new Uint8Array(8)
    view(bytes).setFloat64(0, value)
    return bytes
  },
  deserialize(bytes: Uint8Array) {
    checkLength('double', bytes, 8)
    return view(bytes).getFloat64(0)
  },
})

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function checkLength(serde: string, bytes: Uint8Array, length: number): void {
  if (bytes.length !== length) throw cannotRead(serde, bytes, `its values have ${length} bytes`)
}
