import { expect, test } from '@jest/globals'
import { json } from '../../../src/serde/json.ts'
import { otherShape, shapeReader } from '../../../src/serde/json-shape.ts'

const bytesOf = (text: string) => new TextEncoder().encode(text)

test('reads other values of the same names, whatever their types', () => {
  const read = shapeReader('{"id":1,"of":{"name":"x"}}')
  expect(read?.(bytesOf('{"id":"a","of":{"name":null}}'))).toEqual({ id: 'a', of: { name: null } })
  expect(read?.(bytesOf('{"id":-0.5e1,"of":{"name":false}}'))).toEqual({
    id: -5,
    of: { name: false },
  })
})

test('keeps white space where the sample has it', () => {
  const read = shapeReader(' { "a" : 1 }\n')
  expect(read?.(bytesOf(' { "a" : 2 }\n'))).toEqual({ a: 2 })
  expect(read?.(bytesOf('{"a":2}'))).toBe(otherShape)
})

test.each([
  ['other names', '{"b":1}'],
  ['another order or number of names', '{"a":1,"b":2}'],
  ['an escape in a text', '{"a":"\\n"}'],
  ['a list', '{"a":[1]}'],
  ['a leading zero', '{"a":01}'],
  ['a number that ends with its point', '{"a":1.}'],
  ['a bare sign', '{"a":-}'],
  ['a control character', '{"a":"\u0001"}'],
  ['a text that does not end', '{"a":"x'],
  ['bytes behind the value', '{"a":1}}'],
  ['nothing', ''],
])('leaves %s to JSON.parse', (_, text) => {
  expect(shapeReader('{"a":1}')?.(bytesOf(text))).toBe(otherShape)
})

test.each(['[1]', '"x"', '1', 'null', '{"a":[1]}', '{"__proto__":1}', '{"a":1,"a":2}', '{"1":2}'])(
  'has no shape for %s',
  (text) => {
    expect(shapeReader(text)).toBeUndefined()
  },
)

test('a name cannot become code', () => {
  expect(shapeReader('{"a:process.exit(1),b":1}')).toBeUndefined()
  expect(shapeReader('{"\\u0061":1}')).toBeUndefined()
})

test('a serde that has learned a shape still refuses what is not JSON', () => {
  const serde = json<{ a: number }>()
  for (let at = 0; at < 500; at += 1) expect(serde.deserialize(bytesOf(`{"a":${at}}`)).a).toBe(at)
  expect(() => serde.deserialize(bytesOf('{"a":}'))).toThrow(/json/)
  expect(serde.deserialize(bytesOf('{"a":7,"b":8}'))).toEqual({ a: 7, b: 8 })
})

test('a schema sees values of a learned shape too', () => {
  const serde = json((value) => {
    if (typeof value !== 'object' || value === null || !('a' in value)) throw new Error('no a')
    return value.a
  })
  for (let at = 0; at < 200; at += 1) expect(serde.deserialize(bytesOf(`{"a":${at}}`))).toBe(at)
  expect(() => serde.deserialize(bytesOf('{"b":1}'))).toThrow(/no a/)
})
