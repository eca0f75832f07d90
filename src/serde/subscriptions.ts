import { cannotRead } from './failures.ts'
import type { Serde } from './serde.ts'

/** A row's interest in a row of another table, or the end of it. */
export interface Subscription {
  readonly ends: boolean
  /** murmur3 of the row's bytes. */
  readonly hash: Uint8Array
  readonly key: Uint8Array
  /** The row's, of its table: answers go there. */
  readonly partition: number
}

/** The row that a subscription is for. */
export interface Answer {
  /** The subscription's. */
  readonly hash: Uint8Array
  /** Null where there is none. */
  readonly row: unknown
  readonly partition: number
}

const noKey = new Uint8Array(0)
const hashBytes = 16
/** First byte of either: this version, and a mark. */
const version = 1
const marked = 0x80

export function isSubscription(value: unknown): value is Subscription {
  return typeof value === 'object' && value !== null && 'ends' in value && 'hash' in value
}

export function isAnswer(value: unknown): value is Answer {
  return typeof value === 'object' && value !== null && 'row' in value && 'hash' in value
}

/**
 * One byte: version 1, and 0x80 where the subscription ends; the hash, 16 bytes; the partition, 4
 * bytes big-endian; the key's bytes.
 */
export const subscriptions: Serde<unknown> = Object.freeze({
  name: 'subscriptions',
  serialize(value: unknown): Uint8Array {
    if (!isSubscription(value)) throw new TypeError('it is no subscription')
    const bytes = new Uint8Array(1 + hashBytes + 4 + value.key.length)
    bytes[0] = version | (value.ends ? marked : 0)
    bytes.set(value.hash, 1)
    new DataView(bytes.buffer).setInt32(1 + hashBytes, value.partition)
    bytes.set(value.key, 1 + hashBytes + 4)
    return bytes
  },
  deserialize(bytes: Uint8Array): Subscription {
    const first = firstByte('subscriptions', bytes, 1 + hashBytes + 4)
    const view = new DataView(bytes.buffer, bytes.byteOffset)
    return {
      ends: (first & marked) !== 0,
      hash: bytes.slice(1, 1 + hashBytes),
      partition: view.getInt32(1 + hashBytes),
      key: bytes.slice(1 + hashBytes + 4),
    }
  },
})

/**
 * One byte: version 1, and 0x80 where there is no row; the hash, 16 bytes; the row. The partition
 * is not written: it is where the answer is.
 */
export function answers(row: Serde<unknown>): Serde<unknown> {
  const name = `answers(${row.name})`
  return Object.freeze({
    name,
    serialize(value: unknown): Uint8Array {
      if (!isAnswer(value)) throw new TypeError('it is no answer')
      const written = value.row === null ? undefined : row.serialize(value.row)
      const bytes = new Uint8Array(1 + hashBytes + (written?.length ?? 0))
      bytes[0] = version | (written === undefined ? marked : 0)
      bytes.set(value.hash, 1)
      if (written !== undefined) bytes.set(written, 1 + hashBytes)
      return bytes
    },
    deserialize(bytes: Uint8Array): Answer {
      const none = (firstByte(name, bytes, 1 + hashBytes) & marked) !== 0
      return {
        hash: bytes.slice(1, 1 + hashBytes),
        row: none ? null : row.deserialize(bytes.subarray(1 + hashBytes)),
        partition: -1,
      }
    },
  })
}

function firstByte(serde: string, bytes: Uint8Array, bytesMin: number): number {
  const first = bytes[0] ?? 0
  if ((first & ~marked) === version && bytes.length >= bytesMin) return first
  throw cannotRead(serde, bytes, `it begins with version ${version} and a hash`)
}

/** A subscription's place in its store. */
export interface SubscriptionKey {
  readonly foreignKey: unknown
  readonly key: unknown
}

/**
 * As Kafka Streams' CombinedKeySchema: the length of the foreign key's bytes, 4 bytes big-endian,
 * these, and the key's. So who points to a row is one range.
 */
export function subscriptionKeys(foreignKey: Serde<unknown>, key: Serde<unknown>): Serde<unknown> {
  return Object.freeze({
    name: `subscription(${foreignKey.name}, ${key.name})`,
    serialize(value: unknown): Uint8Array {
      if (!isSubscriptionKey(value)) throw new TypeError('it is no { foreignKey, key }')
      return combined(foreignKey.serialize(value.foreignKey), key.serialize(value.key))
    },
    deserialize(bytes: Uint8Array): SubscriptionKey {
      const end = 4 + new DataView(bytes.buffer, bytes.byteOffset).getInt32(0)
      return {
        foreignKey: foreignKey.deserialize(bytes.subarray(4, end)),
        key: key.deserialize(bytes.subarray(end)),
      }
    },
  })
}

/** The bytes of a subscription's key; without a key, what all of a foreign key begin with. */
export function combined(foreignKey: Uint8Array, key: Uint8Array = noKey): Uint8Array {
  const bytes = new Uint8Array(4 + foreignKey.length + key.length)
  new DataView(bytes.buffer).setInt32(0, foreignKey.length)
  bytes.set(foreignKey, 4)
  bytes.set(key, 4 + foreignKey.length)
  return bytes
}

function isSubscriptionKey(value: unknown): value is SubscriptionKey {
  return typeof value === 'object' && value !== null && 'foreignKey' in value && 'key' in value
}
