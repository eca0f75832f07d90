import { messageOf } from '../model/errors.ts'
import { cannotRead, cannotWrite } from './failures.ts'
import type { Serde } from './serde.ts'
import { otherShape, type ShapeReader, shapeReader } from './json-shape.ts'
import { writeJson } from './json-writer.ts'
import type { WriteTarget } from './target.ts'
import { decodeUtf8, encodeUtf8 } from './utf8.ts'

/** Checks a parsed value and answers it with its type, or throws; a zod schema is one. */
export type JsonSchema<T> = ((value: unknown) => T) | { parse(value: unknown): T }

/**
 * JSON in UTF-8.
 * @param schema Run on every value that is read; without it the type is a promise of whoever
 * writes the topic.
 */
export function json<T = unknown>(schema?: JsonSchema<T>): Serde<T> {
  const reader = new JsonReader()
  return Object.freeze({
    name: 'json',
    serialize: (value: T) => encodeUtf8(stringify(value)),
    write(value: T, to: WriteTarget) {
      if (!writeJson(value, to)) to.take(encodeUtf8(stringify(value)))
    },
    deserialize(bytes: Uint8Array): T {
      const value: T = reader.read(bytes)
      if (schema === undefined) return value
      try {
        return typeof schema === 'function' ? schema(value) : schema.parse(value)
      } catch (cause) {
        throw cannotRead('json', bytes, `the schema refuses it: ${messageOf(cause)}`, cause)
      }
    },
  })
}

function stringify(value: unknown): string {
  let text: string | undefined
  try {
    text = JSON.stringify(value)
  } catch (cause) {
    throw cannotWrite('json', value, messageOf(cause), cause)
  }
  if (text === undefined) throw cannotWrite('json', value, 'JSON has no text for it')
  return text
}

/** Values read before a shape is looked for, and after one was given up. */
const valuesBeforeShape = 64
/** A shape is given up when more than one value in so many is of another. */
const readsPerMiss = 8
const shapesMax = 4

/**
 * Reads values, those of the usual shape by a reader made for it. `JSON.parse` answers `any`: this
 * is where bytes from outside get the type that the topology's author gave them.
 */
class JsonReader {
  #shape: ShapeReader | undefined
  /** Values to read before the next look for a shape. */
  #patience = valuesBeforeShape
  #shapesLeft = shapesMax
  /** Below 0 the shape is given up. */
  #credit = 0

  read(bytes: Uint8Array): ReturnType<typeof JSON.parse> {
    if (this.#shape !== undefined) {
      const value = this.#shape(bytes)
      if (value !== otherShape) {
        if (this.#credit < valuesBeforeShape) this.#credit += 1
        return value
      }
      this.#miss()
    }
    const text = decodeUtf8(bytes)
    const value = parse(bytes, text)
    if (this.#shapesLeft > 0 && this.#shape === undefined) this.#learn(text)
    return value
  }

  #learn(text: string): void {
    this.#patience -= 1
    if (this.#patience > 0) return
    this.#patience = valuesBeforeShape
    this.#shapesLeft -= 1
    this.#credit = valuesBeforeShape
    this.#shape = shapeReader(text)
  }

  #miss(): void {
    this.#credit -= readsPerMiss
    if (this.#credit < 0) this.#shape = undefined
  }
}

function parse(bytes: Uint8Array, text: string): ReturnType<typeof JSON.parse> {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw cannotRead('json', bytes, messageOf(cause), cause)
  }
}
