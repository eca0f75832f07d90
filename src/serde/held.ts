import { cannotRead } from './failures.ts'
import type { Serde } from './serde.ts'

/** A change that is kept back: the new value, null for a deletion. */
export class Held {
  readonly value: unknown

  constructor(value: unknown) {
    this.value = value
  }
}

/** One byte, 1 for a value, then its bytes. */
export function heldValues(value: Serde<unknown>): Serde<Held> {
  const name = `held(${value.name})`
  return Object.freeze({
    name,
    serialize({ value: typed }: Held) {
      if (typed === null) return new Uint8Array(1)
      const inner = value.serialize(typed)
      const bytes = new Uint8Array(inner.length + 1)
      bytes[0] = 1
      bytes.set(inner, 1)
      return bytes
    },
    deserialize(bytes: Uint8Array) {
      if (bytes.length === 0) throw cannotRead(name, bytes, 'it begins with a byte of its own')
      return new Held(bytes[0] === 1 ? value.deserialize(bytes.subarray(1)) : null)
    },
  })
}
