import { decodeUtf8 } from './utf8.ts'

/** What a reader answers for bytes that are not of its shape: `JSON.parse` has to look at them. */
export const otherShape = Symbol('other shape')

/** Reads bytes of one shape, or answers `otherShape`. */
export type ShapeReader = (bytes: Uint8Array) => unknown

const quote = 0x22
const backslash = 0x5c
const minus = 0x2d
const zero = 0x30
const nine = 0x39
const point = 0x2e
/** As many digits are exact whatever they are. */
const exactDigits = 15
const literals: ReadonlyMap<number, readonly [text: string, value: boolean | null]> = new Map([
  [0x74, ['true', true]],
  [0x66, ['false', false]],
  [0x6e, ['null', null]],
])

/** Reads the values between the fixed parts of a shape. */
export class ValueCursor {
  at = 0

  /** The text, number, boolean or null that begins here; `at` is behind it then. */
  value(bytes: Uint8Array): unknown {
    const first = bytes[this.at] ?? 0
    if (first === quote) return this.#text(bytes)
    if (first === minus || (first >= zero && first <= nine)) return this.#number(bytes, first)
    return this.#literal(bytes, first)
  }

  #text(bytes: Uint8Array): unknown {
    const start = this.at + 1
    let at = start
    for (let byte = bytes[at]; byte !== quote; byte = bytes[at]) {
      // Control characters are not JSON, and an escape is for somebody else to read.
      if (byte === undefined || byte < 0x20 || byte === backslash) return otherShape
      at += 1
    }
    this.at = at + 1
    return decodeUtf8(bytes, start, at)
  }

  #number(bytes: Uint8Array, first: number): unknown {
    const negative = first === minus
    const start = negative ? this.at + 1 : this.at
    let at = start
    let value = 0
    let byte = bytes[at] ?? 0
    while (byte >= zero && byte <= nine) {
      value = value * 10 + (byte - zero)
      at += 1
      byte = bytes[at] ?? 0
    }
    const digits = at - start
    if (digits === 0 || (digits > 1 && bytes[start] === zero)) return otherShape
    if (byte === point || (byte | 0x20) === 0x65 || digits > exactDigits) {
      return this.#longNumber(bytes)
    }
    this.at = at
    return negative ? -value : value
  }

  #longNumber(bytes: Uint8Array): unknown {
    let end = this.at
    while (isNumeric(bytes[end] ?? 0)) end += 1
    const text = decodeUtf8(bytes, this.at, end)
    if (!jsonNumber.test(text)) return otherShape
    this.at = end
    return Number(text)
  }

  #literal(bytes: Uint8Array, first: number): unknown {
    const found = literals.get(first)
    if (found === undefined) return otherShape
    const [text, value] = found
    for (let index = 1; index < text.length; index += 1) {
      if (bytes[this.at + index] !== text.charCodeAt(index)) return otherShape
    }
    this.at += text.length
    return value
  }
}

const jsonNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/

/** A digit, a sign, a point or an e. */
function isNumeric(byte: number): boolean {
  if (byte >= zero && byte <= nine) return true
  return byte === minus || byte === 0x2b || byte === point || (byte | 0x20) === 0x65
}

/** Names that may stand in an object literal as they are, and mean a property there. */
const plainName = /^[A-Za-z_$][\w$]*$/
/** More would make functions that engines do not optimise. */
const valuesMax = 64
const bytesMax = 4_096

/**
 * Writes a reader for values like this one: the same names in the same order, whatever the texts,
 * numbers, booleans and nulls are. Undefined where that cannot be: it is not an object, holds a
 * list, names that are no identifiers, or the process does not allow code to be made from text.
 *
 * `JSON.parse` needs a string first, finds out names and types anew for each value, and keeps each
 * short text in the engine's table of all short texts: with many distinct ones, that is most of
 * what it takes.
 */
export function shapeReader(text: string): ShapeReader | undefined {
  const outline = text.length > bytesMax ? undefined : outlineOf(text)
  if (outline === undefined) return undefined
  const { fixed, literal } = outline
  const lines = fixed.flatMap((part, index) => {
    const checks = Array.from(part, (char, at) => `b[at+${at}]!==${char.charCodeAt(0)}`)
    const check = `if(${checks.join('||')})return other;at+=${part.length}`
    if (index === fixed.length - 1) return [check]
    return [check, `c.at=at;const v${index}=c.value(b);if(v${index}===other)return other;at=c.at`]
  })
  const body = `return b=>{let at=0;${lines.join(';')};return at===b.length?${literal}:other}`
  try {
    // Of the text only punctuation and names go in, and names are identifiers.
    // oxlint-disable-next-line no-new-func, typescript/no-implied-eval
    const make = new Function('c', 'other', body)
    return make(new ValueCursor(), otherShape)
  } catch {
    return undefined
  }
}

interface Outline {
  /** What is before, between and behind the values. */
  readonly fixed: readonly string[]
  /** The object, its values named `v0`, `v1`, …. */
  readonly literal: string
}

/** Of text that is known to be JSON. */
const token = /(\s*)(?:([{}[\],:])|("(?:[^"\\]|\\.)*")|(-?\d[\d.eE+-]*|true|false|null))/gy

/** Undefined for what has no shape. The text has been parsed: it is JSON. */
function outlineOf(text: string): Outline | undefined {
  const fixed: string[] = []
  let part = ''
  let literal = ''
  const names: Set<string>[] = []
  let expectsName = false
  token.lastIndex = 0
  let end = 0
  for (let found = token.exec(text); found !== null; found = token.exec(text)) {
    const [whole, space = '', mark, quoted] = found
    end = token.lastIndex
    if (mark === undefined && !expectsName) {
      if (names.length === 0) return undefined
      fixed.push(part + space)
      literal += `v${fixed.length - 1}`
      part = ''
      continue
    }
    part += whole
    if (mark === undefined) {
      const name: unknown = JSON.parse(quoted ?? '""')
      const seen = names.at(-1)
      if (typeof name !== 'string' || quoted !== `"${name}"` || seen?.has(name) !== false) {
        return undefined
      }
      if (!plainName.test(name) || name === '__proto__') return undefined
      seen.add(name)
      literal += name
      expectsName = false
      continue
    }
    if (mark === '[' || mark === ']') return undefined
    literal += mark
    if (mark === '{') names.push(new Set())
    if (mark === '}') names.pop()
    expectsName = mark === '{' || mark === ','
  }
  fixed.push(part + text.slice(end))
  if (fixed.length > valuesMax || !literal.startsWith('{')) return undefined
  return { fixed, literal }
}
