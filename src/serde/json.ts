import { messageOf } from '../model/errors.ts'
import { cannotRead, cannotWrite } from './failures.ts'
import type { Serde } from './serde.ts'
import { decodeUtf8, encodeUtf8 } from './utf8.ts'

/** Checks a parsed value and answers it with its type, or throws; a zod schema is one. */
export type JsonSchema<T> = ((value: unknown) => T) | { parse(value: unknown): T }

/**
 * JSON in UTF-8.
 * @param schema Run on every value that is read; without it the type is a promise of whoever
 * writes the topic.
 */
export function json<T = unknown>(schema?: JsonSchema<T>): Serde<T> {
  return Object.freeze({
    name: 'json',
    serialize(value: T) {
      const text = stringify(value)
      if (text === undefined) throw cannotWrite('json', value, 'JSON has no text for it')
      return encodeUtf8(text)
    },
    deserialize(bytes: Uint8Array): T {
      const value: T = parse(bytes)
      if (schema === undefined) return value
      try {
        return typeof schema === 'function' ? schema(value) : schema.parse(value)
      } catch (cause) {
        throw cannotRead('json', bytes, `the schema refuses it: ${messageOf(cause)}`, cause)
      }
    },
  })
}

function stringify(value: unknown): string | undefined {
  try {
    return JSON.stringify(value)
  } catch (cause) {
    throw cannotWrite('json', value, messageOf(cause), cause)
  }
}

/**
 * `JSON.parse` answers `any`: this is where bytes from outside get the type that the topology's
 * author gave them.
 */
function parse(bytes: Uint8Array): ReturnType<typeof JSON.parse> {
  try {
    return JSON.parse(decodeUtf8(bytes))
  } catch (cause) {
    throw cannotRead('json', bytes, messageOf(cause), cause)
  }
}
