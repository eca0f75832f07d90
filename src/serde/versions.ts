import { readInt64, writeInt64 } from '../model/int64.ts'
import { cannotRead } from './failures.ts'
import type { Serde } from './serde.ts'

/** Place of a version in its store: since when it holds, milliseconds since 1970. */
export interface VersionKey {
  readonly key: unknown
  readonly from: number
}

/** Null for a row that was deleted. */
export interface Version {
  readonly value: unknown
}

const timeBytes = 8
const lengthBytes = 4

export function isVersion(value: unknown): value is Version {
  return typeof value === 'object' && value !== null && 'value' in value
}

function isVersionKey(value: unknown): value is VersionKey {
  return typeof value === 'object' && value !== null && 'key' in value && 'from' in value
}

/**
 * The length of the key's bytes, 4 bytes big-endian, these, and the time, 8 bytes big-endian: the
 * versions of a key are one range, in the order of their times.
 */
export function versionKeys(key: Serde<unknown>): Serde<unknown> {
  const name = `versioned(${key.name})`
  return Object.freeze({
    name,
    serialize(value: unknown): Uint8Array {
      if (!isVersionKey(value)) throw new TypeError('it is no { key, from }')
      const inner = key.serialize(value.key)
      return versionBytes(inner, 0, inner.length, value.from)
    },
    deserialize(bytes: Uint8Array): VersionKey {
      const end = bytes.length - timeBytes
      if (end < lengthBytes) throw cannotRead(name, bytes, 'it has length, key and time')
      return { key: key.deserialize(bytes.subarray(lengthBytes, end)), from: readInt64(bytes, end) }
    },
  })
}

/** The bytes of a version's key. */
export function versionBytes(key: Uint8Array, start: number, end: number, from: number) {
  const length = end - start
  const bytes = new Uint8Array(lengthBytes + length + timeBytes)
  new DataView(bytes.buffer).setInt32(0, length)
  bytes.set(key.subarray(start, end), lengthBytes)
  writeInt64(bytes, lengthBytes + length, from)
  return bytes
}

/** Since when a version holds. @param end Of its key. */
export function versionFrom(bytes: Uint8Array, end: number): number {
  return readInt64(bytes, end - timeBytes)
}

/** A byte, 1 for a value and 0 for a deletion, and the value. */
export function versions(value: Serde<unknown>): Serde<unknown> {
  const name = `version(${value.name})`
  return Object.freeze({
    name,
    serialize(version: unknown): Uint8Array {
      if (!isVersion(version)) throw new TypeError('it is no { value }')
      if (version.value === null) return Uint8Array.of(0)
      const inner = value.serialize(version.value)
      const bytes = new Uint8Array(1 + inner.length)
      bytes[0] = 1
      bytes.set(inner, 1)
      return bytes
    },
    deserialize(bytes: Uint8Array): Version {
      if (bytes.length === 0) throw cannotRead(name, bytes, 'it begins with 0 or 1')
      return { value: bytes[0] === 0 ? null : value.deserialize(bytes.subarray(1)) }
    },
  })
}
