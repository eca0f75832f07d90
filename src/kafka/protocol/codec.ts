/**
 * Turns a message table and a version into an encoder and a decoder, once per table and version.
 */
import { MalformedMessage, type Reader } from './reader.ts'
import {
  type Api,
  type Decoded,
  type Encodable,
  type Field,
  type Fields,
  type FieldType,
  includes,
  type ScalarType,
  versionRange,
} from './schema.ts'
import { Writer } from './writer.ts'

interface ValueCodec {
  write(writer: Writer, value: unknown): void
  read(reader: Reader): unknown
}

interface Message {
  readonly [name: string]: unknown
}

/** A request as it goes to a connection: the body's chunks and what its header needs. */
export interface EncodedRequest {
  readonly apiKey: number
  readonly apiName: string
  readonly apiVersion: number
  /** Flexible requests have header version 2 (with tagged fields), others 1. */
  readonly flexible: boolean
  readonly body: readonly Uint8Array[]
}

export function isFlexible(api: Api, version: number): boolean {
  return includes(api.flexible, version)
}

/** @throws RangeError when the tables do not cover the version. */
export function encodeRequest<Q extends Fields, P extends Fields>(
  api: Api<Q, P>,
  version: number,
  message: Encodable<Q>,
): EncodedRequest {
  const writer = new Writer()
  structCodec(api.request, checkedVersion(api, version), isFlexible(api, version)).write(
    writer,
    message,
  )
  return {
    apiKey: api.key,
    apiName: api.name,
    apiVersion: version,
    flexible: isFlexible(api, version),
    body: writer.chunks(),
  }
}

/** The body of a response, for brokers. */
export function encodeResponse<Q extends Fields, P extends Fields>(
  api: Api<Q, P>,
  version: number,
  message: Encodable<P>,
): readonly Uint8Array[] {
  const writer = new Writer()
  structCodec(api.response, checkedVersion(api, version), isFlexible(api, version)).write(
    writer,
    message,
  )
  return writer.chunks()
}

/** @throws MalformedMessage when the bytes do not follow the table. */
export function decodeResponse<Q extends Fields, P extends Fields>(
  api: Api<Q, P>,
  version: number,
  reader: Reader,
): Decoded<P> {
  return decodeStruct(api.response, checkedVersion(api, version), isFlexible(api, version), reader)
}

/** @throws MalformedMessage when the bytes do not follow the table. */
export function decodeRequest<Q extends Fields, P extends Fields>(
  api: Api<Q, P>,
  version: number,
  reader: Reader,
): Decoded<Q> {
  return decodeStruct(api.request, checkedVersion(api, version), isFlexible(api, version), reader)
}

/** For structures outside requests: consumer protocol metadata, record keys of the coordinators. */
export function encodeStruct<S extends Fields>(
  fields: S,
  version: number,
  flexible: boolean,
  message: Encodable<S>,
): Uint8Array {
  const writer = new Writer()
  structCodec(fields, version, flexible).write(writer, message)
  return writer.bytes()
}

export function decodeStruct<S extends Fields>(
  fields: S,
  version: number,
  flexible: boolean,
  reader: Reader,
): Decoded<S> {
  return structCodec(fields, version, flexible).read(reader) as Decoded<S>
}

function checkedVersion(api: Api, version: number): number {
  if (!includes(api.versions, version)) {
    throw new RangeError(`${api.name} has no table for version ${version}, only ${api.versions}`)
  }
  return version
}

const compiled = new WeakMap<Fields, Map<number, ValueCodec>>()

function structCodec(fields: Fields, version: number, flexible: boolean): ValueCodec {
  let versions = compiled.get(fields)
  if (versions === undefined) {
    versions = new Map()
    compiled.set(fields, versions)
  }
  const key = version * 2 + (flexible ? 1 : 0)
  let codec = versions.get(key)
  if (codec === undefined) {
    codec = compileStruct(fields, version, flexible)
    versions.set(key, codec)
  }
  return codec
}

interface CompiledField {
  readonly name: string
  readonly codec: ValueCodec
  readonly fallback: unknown
  readonly required: boolean
}

interface CompiledTag extends CompiledField {
  readonly tag: number
}

function compileStruct(fields: Fields, version: number, flexible: boolean): ValueCodec {
  const ordered: CompiledField[] = []
  const tagged: CompiledTag[] = []
  const absent: [string, unknown][] = []
  for (const [name, field] of Object.entries(fields)) {
    const fallback = fallbackOf(field)
    const { tag, tagged: tagVersions } = field.options
    if (!includes(field.versions, version)) {
      absent.push([name, fallback])
      continue
    }
    const compact = flexible && field.options.flexible !== 'none'
    const nullable = includes(field.options.nullable, version)
    const codec = valueCodec(field.type, version, compact, nullable)
    const required = field.options.default === undefined && field.versions === '0+'
    const compiledField = { name, codec, fallback, required }
    if (tag !== undefined && includes(tagVersions, version)) tagged.push({ ...compiledField, tag })
    else ordered.push(compiledField)
  }
  tagged.sort((a, b) => a.tag - b.tag)
  return {
    write: (writer, value) => writeStruct(writer, value as Message, ordered, tagged, flexible),
    read: (reader) => readStruct(reader, ordered, tagged, absent, flexible),
  }
}

function writeStruct(
  writer: Writer,
  message: Message,
  ordered: readonly CompiledField[],
  tagged: readonly CompiledTag[],
  flexible: boolean,
): void {
  for (const field of ordered) field.codec.write(writer, given(message, field))
  if (!flexible) return
  const present = tagged.filter((field) => !isFallback(message[field.name], field.fallback))
  writer.uvarint(present.length)
  for (const field of present) {
    const content = new Writer()
    field.codec.write(content, given(message, field))
    writer.uvarint(field.tag)
    writer.uvarint(content.length)
    writer.raw(content.bytes())
  }
}

function given(message: Message, field: CompiledField): unknown {
  const value = message[field.name]
  if (value !== undefined) return value
  if (field.required) throw new TypeError(`the field ${field.name} is missing`)
  return field.fallback
}

function isFallback(value: unknown, fallback: unknown): boolean {
  if (value === undefined || value === fallback) return true
  return Array.isArray(value) && Array.isArray(fallback) && value.length === 0
}

function readStruct(
  reader: Reader,
  ordered: readonly CompiledField[],
  tagged: readonly CompiledTag[],
  absent: readonly (readonly [string, unknown])[],
  flexible: boolean,
): Message {
  const message: Record<string, unknown> = {}
  for (const field of ordered) message[field.name] = field.codec.read(reader)
  for (const field of tagged) message[field.name] = field.fallback
  for (const [name, value] of absent) message[name] = value
  if (!flexible) return message
  for (let rest = reader.uvarint(); rest > 0; rest--) {
    const tag = reader.uvarint()
    const end = reader.uvarint() + reader.position
    const field = tagged.find((candidate) => candidate.tag === tag)
    if (field !== undefined) message[field.name] = field.codec.read(reader)
    if (field === undefined) reader.skip(end - reader.position)
    if (reader.position !== end) throw new MalformedMessage(`tagged field ${tag} has a wrong size`)
  }
  return message
}

const zeroUuid = '0'.repeat(32)
const scalarFallback: Record<ScalarType, unknown> = {
  bool: false,
  int8: 0,
  int16: 0,
  uint16: 0,
  int32: 0,
  uint32: 0,
  int64: 0,
  float64: 0,
  string: '',
  bytes: new Uint8Array(0),
  records: null,
  uuid: zeroUuid,
}

function fallbackOf(field: Field): unknown {
  if (field.options.default !== undefined) return field.options.default
  const type = field.type
  if (type.kind === 'array') return []
  if (type.kind === 'scalar') return scalarFallback[type.scalar]
  const nested: Record<string, unknown> = {}
  for (const [name, inner] of Object.entries(type.fields)) nested[name] = fallbackOf(inner)
  return nested
}

function valueCodec(
  type: FieldType,
  version: number,
  compact: boolean,
  nullable: boolean,
): ValueCodec {
  if (type.kind === 'array') {
    const element = valueCodec(type.element, version, compact, false)
    return arrayCodec(element, compact, nullable)
  }
  if (type.kind === 'struct') {
    const codec = structCodec(type.fields, version, compact)
    return nullable ? nullableStruct(codec) : codec
  }
  return scalarCodec(type.scalar, compact, nullable)
}

function nullableStruct(codec: ValueCodec): ValueCodec {
  return {
    write(writer, value) {
      writer.int8(value === null ? -1 : 1)
      if (value !== null) codec.write(writer, value)
    },
    read: (reader) => (reader.int8() < 0 ? null : codec.read(reader)),
  }
}

function writeLength(writer: Writer, length: number, compact: boolean, short: boolean): void {
  if (compact) writer.uvarint(length + 1)
  else if (short) writer.int16(length)
  else writer.int32(length)
}

function readLength(reader: Reader, compact: boolean, short: boolean, nullable: boolean): number {
  const length = compact ? reader.uvarint() - 1 : short ? reader.int16() : reader.int32()
  if (length < -1 || (length < 0 && !nullable)) throw new MalformedMessage(`length ${length}`)
  return length
}

function arrayCodec(element: ValueCodec, compact: boolean, nullable: boolean): ValueCodec {
  return {
    write(writer, value) {
      if (value === null && nullable) return writeLength(writer, -1, compact, false)
      const items = value as readonly unknown[]
      writeLength(writer, items.length, compact, false)
      for (const item of items) element.write(writer, item)
    },
    read(reader) {
      const length = readLength(reader, compact, false, nullable)
      if (length < 0) return null
      if (length > reader.remaining) throw new MalformedMessage(`an array of ${length} elements`)
      const items: unknown[] = []
      for (let i = 0; i < length; i++) items.push(element.read(reader))
      return items
    },
  }
}

function scalarCodec(type: ScalarType, compact: boolean, nullable: boolean): ValueCodec {
  switch (type) {
    case 'string':
      return stringCodec(compact, nullable)
    case 'bytes':
      return bytesCodec(compact, nullable, (writer, bytes) => writer.raw(bytes))
    case 'records':
      return bytesCodec(compact, true, (writer, bytes) => writer.reference(bytes))
    case 'bool':
      return {
        write: (writer, value) => writer.int8(value === true ? 1 : 0),
        read: (reader) => reader.int8() !== 0,
      }
    case 'uuid':
      return {
        write: (writer, value) => writer.raw(uuidBytes(value as string)),
        read: (reader) => uuidText(reader.raw(16)),
      }
    default:
      return {
        write: (writer, value) => writer[type](value as number),
        read: (reader) => reader[type](),
      }
  }
}

function stringCodec(compact: boolean, nullable: boolean): ValueCodec {
  return {
    write(writer, value) {
      if (value === null && nullable) return writeLength(writer, -1, compact, true)
      const bytes = Writer.utf8(value as string)
      writeLength(writer, bytes.length, compact, true)
      writer.raw(bytes)
    },
    read(reader) {
      const length = readLength(reader, compact, true, nullable)
      return length < 0 ? null : reader.utf8(length)
    },
  }
}

function bytesCodec(
  compact: boolean,
  nullable: boolean,
  writeContent: (writer: Writer, bytes: Uint8Array) => void,
): ValueCodec {
  return {
    write(writer, value) {
      if (value === null && nullable) return writeLength(writer, -1, compact, false)
      const bytes = value as Uint8Array
      writeLength(writer, bytes.length, compact, false)
      writeContent(writer, bytes)
    },
    read(reader) {
      const length = readLength(reader, compact, false, nullable)
      return length < 0 ? null : reader.raw(length)
    },
  }
}

function uuidBytes(text: string): Uint8Array {
  if (!/^[0-9a-f]{32}$/.test(text)) throw new TypeError(`not a uuid of 32 hex digits: ${text}`)
  return Uint8Array.from({ length: 16 }, (_, i) =>
    Number.parseInt(text.slice(i * 2, i * 2 + 2), 16),
  )
}

function uuidText(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/**
 * The highest version that both the tables and a broker's range [from, to] have; undefined if none.
 */
export function commonVersion(api: Api, from: number, to: number): number | undefined {
  const own = versionRange(api.versions)
  const highest = Math.min(own.to, to)
  return highest >= Math.max(own.from, from) ? highest : undefined
}
