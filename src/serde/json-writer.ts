import type { WriteTarget } from './target.ts'

const quote = 0x22
const backslash = 0x5c
const comma = 0x2c
const colon = 0x3a
const space = 0x20
const lastAscii = 0x7e
const zero = 0x30
const minus = 0x2d
const openList = 0x5b
const closeList = 0x5d
const openObject = 0x7b
const closeObject = 0x7d

/** Values that hang deeper are left to `JSON.stringify`, which also tells of circles. */
const depthMax = 32
/** Of longer texts the engine's own loops are faster than one over characters. */
const loopCharacters = 24
/** What is not written as it is, between quotes. */
const special = /[^ !#-[\]-~]/
/** Has so few digits that dividing is faster than making a text. */
const smallMax = 2 ** 31
const digitsMax = 10

/** What `value` answers for what it does not write: `JSON.stringify` has to. */
const unknown = -1
/** And for what JSON leaves out. */
const nothing = -2

const { latin1Write } = Buffer.prototype

/**
 * Writes what `JSON.stringify` says, byte by byte the same, without the text in between and its
 * copy into an array of its own: together that is most of what writing a small value takes. Knows
 * plain objects and lists of numbers, texts, booleans and nulls.
 *
 * @returns False for anything else: nothing is written then.
 */
export function writeJson(value: unknown, to: WriteTarget): boolean {
  const end = writeValue(value, to, 0, 0)
  if (end < 0) return false
  to.end = end
  return true
}

/** @returns The end of what was written, or `unknown` or `nothing`. */
function writeValue(value: unknown, to: WriteTarget, at: number, depth: number): number {
  switch (typeof value) {
    case 'number':
      return writeNumber(value, to, at)
    case 'string':
      return writeText(value, to, at)
    case 'boolean':
      return writeAscii(value ? 'true' : 'false', to, at)
    case 'object':
      if (value === null) return writeAscii('null', to, at)
      if (depth === depthMax || 'toJSON' in value) return unknown
      if (Array.isArray(value)) return writeList(value, to, at, depth + 1)
      return isPlain(value) ? writeObject(value, to, at, depth + 1) : unknown
    case 'bigint':
      return unknown
    default:
      return nothing
  }
}

type Fields = Readonly<Record<string, unknown>>

function isPlain(value: object): value is Fields {
  return Object.getPrototypeOf(value) === Object.prototype
}

function writeObject(fields: Fields, to: WriteTarget, start: number, depth: number): number {
  let at = start
  let lead = openObject
  for (const name in fields) {
    if (!Object.hasOwn(fields, name)) continue
    const end = writeValue(fields[name], to, writeName(lead, name, to, at), depth)
    if (end === unknown) return unknown
    if (end === nothing) continue
    at = end
    lead = comma
  }
  if (lead === openObject) at = writeByte(openObject, to, at)
  return writeByte(closeObject, to, at)
}

/** With what is before and behind it. */
function writeName(lead: number, name: string, to: WriteTarget, at: number): number {
  to.reserve(at, name.length + 4)[at] = lead
  return writeByte(colon, to, writeText(name, to, at + 1))
}

function writeList(
  value: readonly unknown[],
  to: WriteTarget,
  start: number,
  depth: number,
): number {
  let at = writeByte(openList, to, start)
  for (let index = 0; index < value.length; index += 1) {
    if (index > 0) at = writeByte(comma, to, at)
    const end = writeValue(value[index], to, at, depth)
    if (end === unknown) return unknown
    at = end === nothing ? writeAscii('null', to, at) : end
  }
  return writeByte(closeList, to, at)
}

function writeNumber(value: number, to: WriteTarget, start: number): number {
  if (!Number.isInteger(value) || value >= smallMax || value <= -smallMax) {
    return writeAscii(Number.isFinite(value) ? String(value) : 'null', to, start)
  }
  const bytes = to.reserve(start, digitsMax + 1)
  let at = start
  if (value < 0) bytes[at++] = minus
  let rest = Math.abs(value) | 0
  const end = at + digitsOf(rest)
  for (let digit = end - 1; digit >= at; digit -= 1) {
    const tenth = (rest / 10) | 0
    bytes[digit] = zero + rest - tenth * 10
    rest = tenth
  }
  return end
}

function digitsOf(value: number): number {
  let digits = 1
  for (let limit = 10; limit <= value; limit *= 10) digits += 1
  return digits
}

function writeText(text: string, to: WriteTarget, start: number): number {
  const { length } = text
  const bytes = to.reserve(start, length + 2)
  let at = start
  bytes[at++] = quote
  if (length > loopCharacters) {
    if (special.test(text)) return writeEscaped(text, to, start)
    at += latin1Write.call(bytes, text, at, length)
  } else {
    for (let index = 0; index < length; index += 1) {
      const code = text.charCodeAt(index)
      if (code < space || code > lastAscii || code === quote || code === backslash) {
        return writeEscaped(text, to, start)
      }
      bytes[at++] = code
    }
  }
  bytes[at++] = quote
  return at
}

function writeEscaped(text: string, to: WriteTarget, at: number): number {
  const escaped = Buffer.from(JSON.stringify(text))
  to.reserve(at, escaped.length).set(escaped, at)
  return at + escaped.length
}

function writeAscii(text: string, to: WriteTarget, at: number): number {
  const { length } = text
  const bytes = to.reserve(at, length)
  for (let index = 0; index < length; index += 1) bytes[at + index] = text.charCodeAt(index)
  return at + length
}

function writeByte(byte: number, to: WriteTarget, at: number): number {
  to.reserve(at, 1)[at] = byte
  return at + 1
}
