import { cannotRead, cannotWrite } from './failures.ts'
import type { Serde } from './serde.ts'

/** Bytes as they are, copied on the way in because what is read is a view. */
export const bytes: Serde<Uint8Array> = Object.freeze({
  name: 'bytes',
  serialize(value: Uint8Array) {
    if (!(value instanceof Uint8Array)) throw cannotWrite('bytes', value, 'it takes a Uint8Array')
    return value
  },
  deserialize: (view: Uint8Array) => new Uint8Array(view),
})

/** One byte, 1 or 0, as Kafka's BooleanSerializer. */
export const boolean: Serde<boolean> = Object.freeze({
  name: 'boolean',
  serialize(value: boolean) {
    if (typeof value !== 'boolean') throw cannotWrite('boolean', value, 'it takes true or false')
    return Uint8Array.of(value ? 1 : 0)
  },
  deserialize(view: Uint8Array) {
    const byte = view[0]
    if (view.length === 1 && (byte === 0 || byte === 1)) return byte === 1
    throw cannotRead('boolean', view, 'it is one byte, 0 or 1')
  },
})
