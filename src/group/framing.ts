/**
 * The data that group members exchange: two bytes of version, then a flexible structure, and
 * nothing after it.
 */
import { decodeStruct, encodeStruct } from '../kafka/protocol/codec.ts'
import { MalformedMessage, Reader } from '../kafka/protocol/reader.ts'
import type { Decoded, Encodable, Fields } from '../kafka/protocol/schema.ts'

/**
 * Additions go into tagged fields, which older members skip; a new version is for a change of
 * meaning.
 */
const version = 0

export interface Unreadable {
  readonly kind: 'unreadable'
  readonly reason: string
}

export function encodeVersioned<S extends Fields>(table: S, message: Encodable<S>): Uint8Array {
  const body = encodeStruct(table, version, true, message)
  const framed = new Uint8Array(2 + body.length)
  framed[1] = version
  framed.set(body, 2)
  return framed
}

/** Decodes and converts; whatever the bytes are, the answer is a value. */
export function decodeVersioned<S extends Fields, Value>(
  table: S,
  bytes: Uint8Array,
  convert: (message: Decoded<S>) => Value,
): { readonly kind: 'read'; readonly value: Value } | Unreadable {
  try {
    const reader = new Reader(bytes)
    const found = reader.int16()
    if (found !== version)
      return { kind: 'unreadable', reason: `version ${found} of the group data` }
    const message = decodeStruct(table, version, true, reader)
    if (reader.remaining > 0) {
      return { kind: 'unreadable', reason: `${reader.remaining} bytes too many` }
    }
    return { kind: 'read', value: convert(message) }
  } catch (error) {
    if (error instanceof MalformedMessage) return { kind: 'unreadable', reason: error.message }
    throw error
  }
}
