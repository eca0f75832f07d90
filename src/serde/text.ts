import { cannotRead, cannotWrite } from './failures.ts'
import type { Serde } from './serde.ts'
import { decodeUtf8, encodeUtf8 } from './utf8.ts'

/** It is the default for keys, so this is often the first that is heard of serdes. */
const takesStrings = 'it takes a string; state the serde of other types, as in { key: int64 }'

/** UTF-8, as Kafka's StringSerializer writes it. */
export const string: Serde<string> = Object.freeze({
  name: 'string',
  serialize(value: string) {
    if (typeof value !== 'string') throw cannotWrite('string', value, takesStrings)
    return encodeUtf8(value)
  },
  deserialize: decodeUtf8,
})

const uuidText = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/**
 * The 36 characters of a UUID, as Kafka's UUIDSerializer writes it; lower case, as Java's
 * `UUID.toString`.
 */
export const uuid: Serde<string> = Object.freeze({
  name: 'uuid',
  serialize(value: string) {
    if (typeof value !== 'string' || !uuidText.test(value)) {
      throw cannotWrite('uuid', value, 'it takes 8-4-4-4-12 hexadecimal digits')
    }
    return encodeUtf8(value.toLowerCase())
  },
  deserialize(bytes: Uint8Array) {
    const text = decodeUtf8(bytes)
    if (!uuidText.test(text)) {
      throw cannotRead('uuid', bytes, 'a UUID is 8-4-4-4-12 hexadecimal digits')
    }
    return text.toLowerCase()
  },
})
