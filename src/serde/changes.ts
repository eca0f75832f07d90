import type { Serde } from './serde.ts'

/** A table's change on its way to another task; null for a row that is not there. */
export interface Change {
  readonly old: unknown
  readonly value: unknown
}

/** Last byte of a change, as Kafka Streams' ChangedSerializer has it since KIP-904. */
const oldOnly = 0
const valueOnly = 1
const both = 2

const empty = new Uint8Array(0)

export function isChange(value: unknown): value is Change {
  return typeof value === 'object' && value !== null && 'old' in value && 'value' in value
}

/**
 * Writes changes byte for byte as Kafka Streams does (ChangedSerializer, KIP-904): one value and a
 * 0 (old) or 1 (new); or the new value's length as a zigzag varint, the new value, the old one and
 * a 2.
 */
export function changes(inner: Serde<unknown>): Serde<unknown> {
  return {
    name: `changes(${inner.name})`,
    serialize: (change) => {
      if (!isChange(change) || (change.old === null && change.value === null)) {
        throw new TypeError('a change has an old value, a new one, or both')
      }
      const { old, value } = change
      if (old === null) return withFlag(empty, inner.serialize(value), empty, valueOnly)
      if (value === null) return withFlag(empty, inner.serialize(old), empty, oldOnly)
      const bytes = inner.serialize(value)
      return withFlag(varint(bytes.length), bytes, inner.serialize(old), both)
    },
    deserialize: (bytes) => changeOf(bytes, inner),
  }
}

function withFlag(
  head: Uint8Array,
  first: Uint8Array,
  second: Uint8Array,
  flag: number,
): Uint8Array {
  const out = new Uint8Array(head.length + first.length + second.length + 1)
  out.set(head)
  out.set(first, head.length)
  out.set(second, head.length + first.length)
  out[out.length - 1] = flag
  return out
}

function changeOf(bytes: Uint8Array, inner: Serde<unknown>): Change {
  const end = bytes.length - 1
  const flag = bytes[end]
  if (flag === oldOnly) return { old: inner.deserialize(bytes.subarray(0, end)), value: null }
  if (flag === valueOnly) return { old: null, value: inner.deserialize(bytes.subarray(0, end)) }
  if (flag !== both) throw new RangeError(`a change ends with 0, 1 or 2, not with ${flag}`)
  const { value: length, next } = readVarint(bytes)
  if (length < 0 || next + length > end) throw new RangeError('a change is cut short')
  return {
    old: inner.deserialize(bytes.subarray(next + length, end)),
    value: inner.deserialize(bytes.subarray(next, next + length)),
  }
}

/** Zigzag, as Kafka's ByteUtils.writeVarint; lengths are not negative. */
function varint(length: number): Uint8Array {
  const bytes: number[] = []
  let rest = (length << 1) >>> 0
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80)
  bytes.push(rest)
  return Uint8Array.from(bytes)
}

function readVarint(bytes: Uint8Array): { readonly value: number; readonly next: number } {
  let raw = 0
  for (let at = 0; at < 5; at += 1) {
    const byte = bytes[at] ?? 0
    raw |= (byte & 0x7f) << (7 * at)
    if (byte < 0x80) return { value: (raw >>> 1) ^ -(raw & 1), next: at + 1 }
  }
  throw new RangeError('the length in a change has over 5 bytes')
}
