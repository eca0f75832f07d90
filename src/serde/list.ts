import { readInt32, readInt64, writeInt32, writeInt64 } from '../model/int64.ts'
import { cannotRead } from './failures.ts'
import type { Serde } from './serde.ts'

const lengthBytes = 4
const timeBytes = 8

/** Elements one after the other, each behind its length, 4 bytes big-endian. */
export function listSerde(element: Serde<unknown>): Serde<readonly unknown[]> {
  const name = `list(${element.name})`
  return Object.freeze({
    name,
    serialize(list: readonly unknown[]) {
      const parts = list.map((value) => element.serialize(value))
      const bytes = new Uint8Array(sizeOf(parts, lengthBytes))
      let at = 0
      for (const part of parts) at = putPart(bytes, at, part)
      return bytes
    },
    deserialize(bytes: Uint8Array) {
      const list: unknown[] = []
      for (let at = 0; at < bytes.length; ) {
        const end = partEnd(name, bytes, at)
        list.push(element.deserialize(bytes.subarray(at + lengthBytes, end)))
        at = end
      }
      return list
    },
  })
}

/** An element with the time of its last use. */
export interface TimedElement {
  time: number
  readonly value: unknown
}

/** As `listSerde`, with the time of each element before its length, 8 bytes big-endian. */
export function timedListSerde(element: Serde<unknown>): Serde<readonly TimedElement[]> {
  const name = `timed-list(${element.name})`
  return Object.freeze({
    name,
    serialize(list: readonly TimedElement[]) {
      const parts = list.map(({ value }) => element.serialize(value))
      const bytes = new Uint8Array(sizeOf(parts, timeBytes + lengthBytes))
      let at = 0
      for (const [index, part] of parts.entries()) {
        writeInt64(bytes, at, list[index]?.time ?? 0)
        at = putPart(bytes, at + timeBytes, part)
      }
      return bytes
    },
    deserialize(bytes: Uint8Array) {
      const list: TimedElement[] = []
      for (let at = 0; at < bytes.length; ) {
        const start = at + timeBytes
        const end = partEnd(name, bytes, start)
        const value = element.deserialize(bytes.subarray(start + lengthBytes, end))
        list.push({ time: readInt64(bytes, at), value })
        at = end
      }
      return list
    },
  })
}

function sizeOf(parts: readonly Uint8Array[], overhead: number): number {
  return parts.reduce((sum, part) => sum + overhead + part.length, 0)
}

function putPart(bytes: Uint8Array, at: number, part: Uint8Array): number {
  writeInt32(bytes, at, part.length)
  bytes.set(part, at + lengthBytes)
  return at + lengthBytes + part.length
}

function partEnd(name: string, bytes: Uint8Array, at: number): number {
  const length = at + lengthBytes <= bytes.length ? readInt32(bytes, at) : -1
  const end = at + lengthBytes + length
  if (length >= 0 && end <= bytes.length) return end
  throw cannotRead(name, bytes, `an element at byte ${at} has no length that fits`)
}
