import { expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { decodeStruct, encodeStruct, isFlexible } from '../../src/kafka/protocol/codec.ts'
import { apis } from '../../src/kafka/protocol/messages/index.ts'
import { MalformedMessage, Reader } from '../../src/kafka/protocol/reader.ts'
import {
  type Api,
  type Field,
  type Fields,
  type FieldType,
  includes,
  type ScalarType,
  versionRange,
} from '../../src/kafka/protocol/schema.ts'

const byteArray = () => fc.uint8Array({ maxLength: 40 })
const scalars: Record<ScalarType, fc.Arbitrary<unknown>> = {
  bool: fc.boolean(),
  int8: fc.integer({ min: -128, max: 127 }),
  int16: fc.integer({ min: -32_768, max: 32_767 }),
  uint16: fc.nat(65_535),
  int32: fc.integer(),
  uint32: fc.nat(2 ** 31 - 1).map((n) => n * 2 + 1),
  int64: fc.maxSafeInteger(),
  float64: fc.double({ noNaN: true }),
  string: fc.string({ unit: 'grapheme', maxLength: 20 }),
  bytes: byteArray(),
  records: byteArray(),
  uuid: fc.uint8Array({ minLength: 16, maxLength: 16 }).map((b) => Buffer.from(b).toString('hex')),
}

function message(fields: Fields, version: number): fc.Arbitrary<Record<string, unknown>> {
  const present = Object.entries(fields).filter(([, field]) => includes(field.versions, version))
  return fc.record(
    Object.fromEntries(present.map(([name, field]) => [name, value(field, version)] as const)),
  )
}

function value(field: Field, version: number): fc.Arbitrary<unknown> {
  const plain = typed(field.type, version)
  return includes(field.options.nullable, version) ? fc.option(plain, { nil: null }) : plain
}

function typed(type: FieldType, version: number): fc.Arbitrary<unknown> {
  if (type.kind === 'scalar') return scalars[type.scalar]
  if (type.kind === 'struct') return message(type.fields, version)
  return fc.array(typed(type.element, version), { maxLength: 3 })
}

const cases = apis.flatMap((api: Api) => {
  const { from, to } = versionRange(api.versions)
  return Array.from({ length: to - from + 1 }, (_, i) => from + i).flatMap((version) => [
    { side: `${api.name}Request v${version}`, api, version, fields: api.request },
    { side: `${api.name}Response v${version}`, api, version, fields: api.response },
  ])
})

const oneCase = fc.constantFrom(...cases)
const filledCase = oneCase.chain((one) =>
  fc.tuple(fc.constant(one), message(one.fields, one.version)),
)

type Case = (typeof cases)[number]

function encode({ api, version, fields }: Case, content: Record<string, unknown>): Uint8Array {
  return encodeStruct(fields, version, isFlexible(api, version), content)
}

function decode({ api, version, fields }: Case, reader: Reader) {
  return decodeStruct(fields, version, isFlexible(api, version), reader)
}

/** Runs what may only end well or in `MalformedMessage`. */
function survives(run: () => unknown): void {
  try {
    run()
  } catch (error) {
    expect(error).toBeInstanceOf(MalformedMessage)
  }
}

test('every message of every version comes back as it was written, to the last byte', () => {
  fc.assert(
    fc.property(filledCase, ([one, content]) => {
      const bytes = encode(one, content)
      const reader = new Reader(bytes)
      expect(decode(one, reader)).toMatchObject(content)
      expect(reader.remaining).toBe(0)
    }),
    { numRuns: 300 },
  )
}, 30_000)

test('a message cut anywhere is malformed, never something else', () => {
  fc.assert(
    fc.property(filledCase, fc.nat(), ([one, content], at) => {
      const bytes = encode(one, content)
      fc.pre(bytes.length > 0)
      const cut = new Reader(bytes.subarray(0, at % bytes.length))
      expect(() => decode(one, cut)).toThrow(MalformedMessage)
    }),
    { numRuns: 300 },
  )
}, 30_000)

test('changed bytes give a message or a MalformedMessage', () => {
  fc.assert(
    fc.property(filledCase, fc.nat(), fc.nat(255), ([one, content], at, byte) => {
      const bytes = Uint8Array.from(encode(one, content))
      bytes[at % Math.max(1, bytes.length)] = byte
      survives(() => decode(one, new Reader(bytes)))
    }),
    { numRuns: 300 },
  )
}, 30_000)

test('bytes that nobody wrote give a message or a MalformedMessage', () => {
  fc.assert(
    fc.property(oneCase, fc.uint8Array({ maxLength: 200 }), (one, bytes) => {
      survives(() => decode(one, new Reader(bytes)))
    }),
    { numRuns: 300 },
  )
}, 30_000)
