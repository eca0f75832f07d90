import { cannotRead } from './failures.ts'
import type { Serde } from './serde.ts'

/** A record that waits for a partner, and whether it has found one. */
export class Joinable<V> {
  readonly value: V
  joined: boolean

  constructor(value: V, joined: boolean) {
    this.value = value
    this.joined = joined
  }
}

/** One byte, 1 for a record that was joined, then the bytes of its value. */
export function joinables<V>(value: Serde<V>): Serde<Joinable<V>> {
  const name = `joinable(${value.name})`
  return Object.freeze({
    name,
    serialize({ value: typed, joined }: Joinable<V>) {
      const inner = value.serialize(typed)
      const bytes = new Uint8Array(inner.length + 1)
      bytes[0] = joined ? 1 : 0
      bytes.set(inner, 1)
      return bytes
    },
    deserialize(bytes: Uint8Array) {
      if (bytes.length === 0) throw cannotRead(name, bytes, 'it begins with a byte of its own')
      return new Joinable(value.deserialize(bytes.subarray(1)), bytes[0] === 1)
    },
  })
}
