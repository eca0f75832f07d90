import { expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { json } from '../../../src/serde/json.ts'
import { bigint64, double, int32, int64 } from '../../../src/serde/numbers.ts'
import { boolean, bytes } from '../../../src/serde/plain.ts'
import type { Serde } from '../../../src/serde/serde.ts'
import { string, uuid } from '../../../src/serde/text.ts'

const hex = (view: Uint8Array) => Buffer.from(view).toString('hex')

/** A view into a larger buffer, as the fetcher hands them over. */
function inside(view: Uint8Array): Uint8Array {
  return Uint8Array.of(9, 9, 9, ...view, 9).subarray(3, 3 + view.length)
}

/** As JSON has them: it writes −0 as 0. */
const jsonValues = fc
  .jsonValue({ noUnicodeString: false })
  .map((value): fc.JsonValue => JSON.parse(JSON.stringify(value)))

function comesBack<T>(serde: Serde<T>, values: fc.Arbitrary<T>): void {
  fc.assert(
    fc.property(values, (value) => {
      expect(serde.deserialize(inside(serde.serialize(value)))).toEqual(value)
    }),
  )
}

test('numbers have the bytes of the Java serializers: big-endian, 4 and 8 bytes', () => {
  expect(hex(int32.serialize(1))).toBe('00000001')
  expect(hex(int32.serialize(-2))).toBe('fffffffe')
  expect(hex(int64.serialize(1))).toBe('0000000000000001')
  expect(hex(int64.serialize(-1))).toBe('ffffffffffffffff')
  expect(hex(int64.serialize(2 ** 40 + 5))).toBe('0000010000000005')
  expect(hex(bigint64.serialize(-(2n ** 63n)))).toBe('8000000000000000')
  expect(hex(double.serialize(-1.5))).toBe('bff8000000000000')
  expect(hex(boolean.serialize(true))).toBe('01')
})

test('what is written is read back', () => {
  comesBack(int32, fc.integer())
  comesBack(int64, fc.maxSafeInteger())
  comesBack(bigint64, fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }))
  comesBack(double, fc.double())
  comesBack(boolean, fc.boolean())
  comesBack(bytes, fc.uint8Array())
  comesBack(uuid, fc.uuid())
  comesBack(string, fc.string({ unit: 'grapheme' }))
  comesBack(string, fc.string({ maxLength: 40 }))
  comesBack(json<fc.JsonValue>(), jsonValues)
})

test('a string is UTF-8, a byte order mark is a character and a lone surrogate is U+FFFD', () => {
  for (const text of ['', 'é', 'wörd', '日本語', '👋', 'x'.repeat(16), 'ü'.repeat(40), '\uFEFFa']) {
    expect(hex(string.serialize(text))).toBe(Buffer.from(text).toString('hex'))
    expect(string.deserialize(Buffer.from(text))).toBe(text)
  }
  expect(hex(string.serialize('\uD800'))).toBe('efbfbd')
  expect(string.deserialize(Uint8Array.of(0xff))).toBe('\uFFFD')
})

test('bytes are copied when they are read, because what is read is a view', () => {
  const view = Uint8Array.of(1, 2)
  const value = bytes.deserialize(view)
  view[0] = 9
  expect(value).toEqual(Uint8Array.of(1, 2))
})

test('a value that a serde cannot write is named with the serde and what it takes', () => {
  const wrong: readonly [serialize: () => unknown, message: string][] = [
    [() => int32.serialize(2 ** 31), 'int32 cannot write the number 2147483648: it takes an int'],
    [() => int32.serialize(0.5), 'int32 cannot write the number 0.5'],
    [() => int64.serialize(2 ** 53), 'int64 cannot write the number 9007199254740992'],
    [() => int64.serialize(Number.NaN), 'int64 cannot write the number NaN'],
    [() => bigint64.serialize(2n ** 63n), 'bigint64 cannot write the bigint 9223372036854775808n'],
    [() => uuid.serialize('x'), 'uuid cannot write the string "x"'],
    [() => json().serialize(undefined), 'json cannot write undefined: JSON has no text for it'],
    [() => json().serialize(1n), 'json cannot write the bigint 1n'],
    // @ts-expect-error: what a function without types may answer
    [() => string.serialize(5), 'string cannot write the number 5: it takes a string'],
    // @ts-expect-error: what a function without types may answer
    [() => string.serialize({ a: 1 }), 'string cannot write the object {"a":1}'],
    // @ts-expect-error: what a function without types may answer
    [() => double.serialize('1'), 'double cannot write the string "1"'],
    // @ts-expect-error: what a function without types may answer
    [() => boolean.serialize(1), 'boolean cannot write the number 1'],
    // @ts-expect-error: what a function without types may answer
    [() => bytes.serialize('ab'), 'bytes cannot write the string "ab"'],
  ]
  for (const [serialize, message] of wrong) {
    expect(serialize).toThrow(`SERIALIZATION_FAILED: ${message}`)
  }
})

test('bytes that a serde cannot read are shown with what was expected', () => {
  const wrong: readonly [serde: Serde<unknown>, input: Uint8Array, message: string][] = [
    [int32, Uint8Array.of(1), 'int32 cannot read the 1 bytes 01: its values have 4 bytes'],
    [int64, new Uint8Array(0), 'int64 cannot read zero bytes: its values have 8 bytes'],
    [int64, Buffer.from('7fffffffffffffff', 'hex'), 'int64 cannot read the 8 bytes 7f ff ff ff'],
    [double, new Uint8Array(9), 'double cannot read the 9 bytes'],
    [bigint64, new Uint8Array(7), 'bigint64 cannot read the 7 bytes'],
    [boolean, Uint8Array.of(2), 'boolean cannot read the 1 bytes 02: it is one byte, 0 or 1'],
    [uuid, Buffer.from('nonsense'), 'uuid cannot read the 8 bytes'],
    [json(), Buffer.from('{"a"'), 'json cannot read the 4 bytes 7b 22 61 22: '],
  ]
  for (const [serde, input, message] of wrong) {
    expect(() => serde.deserialize(input)).toThrow(`DESERIALIZATION_FAILED: ${message}`)
  }
})

test('json hands what it read to its schema, a function or an object with parse', () => {
  const positive = (value: unknown): number => {
    if (typeof value === 'number' && value > 0) return value
    throw new Error('not positive')
  }
  for (const serde of [json(positive), json({ parse: positive })]) {
    expect(serde.deserialize(Buffer.from('5'))).toBe(5)
    expect(() => serde.deserialize(Buffer.from('-5'))).toThrow('the schema refuses it: not posi')
  }
})
