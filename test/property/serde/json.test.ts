/**
 * What is read by a learned shape is what `JSON.parse` makes of the same bytes; what is written is
 * what `JSON.stringify` says.
 */
import { expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { WriteTarget } from '../../../src/serde/target.ts'
import { json } from '../../../src/serde/json.ts'
import { otherShape, shapeReader } from '../../../src/serde/json-shape.ts'

const encoder = new TextEncoder()

const name = fc.oneof(fc.constantFrom('id', 'user', 'amount', '__proto__', '1', 'a b'), fc.string())
const plain = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string(),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom<unknown>(true, false, null, -0, 1e300, 1e-7, 123456789012345680000),
)
const value = fc.letrec((tie) => ({
  node: fc.oneof(
    { maxDepth: 3 },
    { weight: 4, arbitrary: plain },
    fc.dictionary(name, tie('node'), { maxKeys: 6 }),
    fc.array(tie('node'), { maxLength: 3 }),
  ),
})).node

/** Other values in the same places. */
function refilled(from: unknown, next: () => unknown): unknown {
  if (typeof from !== 'object' || from === null) return next()
  if (Array.isArray(from)) return from.map((item) => refilled(item, next))
  return Object.fromEntries(Object.entries(from).map(([key, item]) => [key, refilled(item, next)]))
}

function outcome(read: () => unknown): unknown {
  try {
    return { value: read() }
  } catch {
    return 'refused'
  }
}

test('a shape reads what JSON.parse reads, or leaves it to JSON.parse', () => {
  const arbitrary = fc.tuple(value, fc.array(plain, { minLength: 8, maxLength: 8 }), fc.nat(2))
  fc.assert(
    fc.property(arbitrary, ([sample, values, spaces]) => {
      const reader = shapeReader(JSON.stringify(sample, undefined, spaces))
      if (reader === undefined) return
      let at = 0
      const other = refilled(sample, () => values[at++ % values.length])
      for (const one of [sample, other]) {
        const text = JSON.stringify(one, undefined, spaces)
        const read = reader(encoder.encode(text))
        if (read !== otherShape) expect(read).toStrictEqual(JSON.parse(text))
      }
    }),
    { numRuns: 2_000 },
  )
})

test('bytes that were damaged are read, or refused, as JSON.parse would', () => {
  const sample = { id: 12, user: 'k0012345', ok: true, price: -1.5e3, in: { to: null, at: 'é' } }
  const text = encoder.encode(JSON.stringify(sample))
  const reader = shapeReader(JSON.stringify(sample))
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  const damage = fc.array(fc.tuple(fc.nat(text.length - 1), fc.nat(255)), { maxLength: 4 })
  fc.assert(
    fc.property(damage, fc.nat(text.length), fc.boolean(), (changes, length, cut) => {
      const bytes = text.slice(0, cut ? length : text.length)
      for (const [at, byte] of changes) if (at < bytes.length) bytes[at] = byte
      const read = reader?.(bytes)
      if (read === otherShape) return
      expect(outcome(() => JSON.parse(decoder.decode(bytes)))).toStrictEqual({ value: read })
    }),
    { numRuns: 20_000 },
  )
})

test('values of changing shapes come out of one serde as they went in', () => {
  const serde = json()
  fc.assert(
    fc.property(fc.array(value, { maxLength: 4 }), fc.nat(200), (shapes, times) => {
      for (let at = 0; at < times; at += 1) {
        const one = shapes[at % 7 === 0 ? at % Math.max(shapes.length, 1) : 0] ?? null
        const bytes = encoder.encode(JSON.stringify(one))
        expect(serde.deserialize(bytes)).toStrictEqual(JSON.parse(JSON.stringify(one)))
      }
    }),
    { numRuns: 100 },
  )
})

class Named {
  readonly #secret = 1
  readonly name = 'x'
  get length(): number {
    return this.#secret
  }
}

const unusual: readonly unknown[] = [
  undefined,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  2 ** 31,
  -(2 ** 31),
  2 ** 53,
  Symbol('no value'),
  () => 1,
  new Date(0),
  new Map([[1, 2]]),
  new Named(),
  new Number(3),
  new Uint8Array(2),
  { toJSON: (name: string) => `told ${name}` },
  Object.create(null),
  Object.create({ inherited: 1 }),
  Object.defineProperty({ shown: 1 }, 'hidden', { value: 2, enumerable: false }),
  Object.defineProperty({}, 'computed', { get: () => 7, enumerable: true }),
  { [Symbol('key')]: 1 },
  // oxlint-disable-next-line no-sparse-arrays
  [1, , 2],
  12n,
]

test('a value is written as JSON.stringify says it, or refused as there', () => {
  const serde = json()
  const target = new WriteTarget()
  const odd = fc.constantFrom(...unusual)
  const longer = fc.string({ unit: 'binary', minLength: 20, maxLength: 400 })
  const ascii = fc.string({ minLength: 20, maxLength: 400 })
  const any = fc.oneof(
    value,
    odd,
    longer,
    fc.dictionary(name, fc.oneof(value, odd, longer, ascii)),
    fc.array(fc.oneof(value, odd)),
  )
  fc.assert(
    fc.property(any, (one) => {
      const written = outcome(() => {
        serde.write?.(one, target)
        return Buffer.from(target.bytes.subarray(0, target.end)).toString()
      })
      const said = outcome(() => {
        const text: unknown = JSON.stringify(one)
        if (typeof text !== 'string') throw new Error('nothing is said')
        return Buffer.from(text).toString()
      })
      expect(written).toStrictEqual(said)
    }),
    { numRuns: 3_000 },
  )
})

test('a circle is refused with a code, and the next value is written', () => {
  const circle: Record<string, unknown> = {}
  circle['self'] = { circle }
  const target = new WriteTarget()
  const serde = json()
  expect(() => serde.write?.(circle, target)).toThrow(
    expect.objectContaining({ code: 'SERIALIZATION_FAILED' }),
  )
  serde.write?.({ id: 1 }, target)
  expect(Buffer.from(target.bytes.subarray(0, target.end)).toString()).toBe('{"id":1}')
})
