/**
 * The inner loop of CRC-32C as a WebAssembly module, assembled here byte by byte: 16 input bytes a
 * turn through 16 tables ("slicing by 16"). WebAssembly has no CRC instruction; what it saves
 * against the same loop in JavaScript are bounds checks and sign conversions.
 */

/** Memory: 16 tables of 256 words, then the window that input is copied to. */
export const tableCount = 16
export const windowStart = tableCount * 1024
const memoryPages = 2
export const windowBytes = memoryPages * 65_536 - windowStart

const i32 = 0x7f
const op = {
  block: [0x02, 0x40],
  loop: [0x03, 0x40],
  end: [0x0b],
  and: [0x71],
  xor: [0x73],
  shl: [0x74],
  shr: [0x76],
  add: [0x6a],
  geUnsigned: [0x4f],
  leaveIf: [0x0d, 1],
  again: [0x0c, 0],
}
const get = (local: number) => [0x20, local]
const set = (local: number) => [0x21, local]
const load = (offset: number) => [0x28, 2, ...unsigned(offset)]
const loadByte = (offset: number) => [0x2d, 0, ...unsigned(offset)]
const constant = (value: number) => [0x41, ...signed(value)]

function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)]
}

function signed(value: number): number[] {
  return value >= -64 && value < 64
    ? [value & 0x7f]
    : [(value & 0x7f) | 0x80, ...signed(value >> 7)]
}

const section = (id: number, content: number[]) => [id, ...unsigned(content.length), ...content]
const text = (name: string) => [name.length, ...Array.from(name, (c) => c.codePointAt(0) ?? 0)]

// Parameters and locals of `update(crc, end)`; `end` is the address after the input.
const crc = 0
const end = 1
const at = 2
const word = 3
const next = 4

/**
 * The table entry of byte `index` of `word`: the byte is shifted to where it is a word's address.
 */
function lookUp(table: number, index: number): number[] {
  const shift = index === 0 ? [...constant(2), ...op.shl] : [...constant(index * 8 - 2), ...op.shr]
  return [...get(word), ...shift, ...constant(0x3fc), ...op.and, ...load(table * 1024)]
}

/** The entries of the four bytes of `word`, which is `first` bytes into the sixteen. */
function lookUpWord(first: number): number[] {
  const pair = (index: number) => [
    ...lookUp(15 - first - index, index),
    ...lookUp(14 - first - index, index + 1),
    ...op.xor,
  ]
  return [...pair(0), ...pair(2), ...op.xor]
}

/**
 * The word that the checksum so far goes into comes last: the loads of the others do not have to
 * wait for the turn before.
 */
function sixteenBytes(): number[] {
  const code: number[] = [...constant(0), ...set(next)]
  for (let first = 12; first >= 0; first -= 4) {
    code.push(...get(at), ...load(first))
    if (first === 0) code.push(...get(crc), ...op.xor)
    code.push(...set(word), ...get(next), ...lookUpWord(first), ...op.xor, ...set(next))
  }
  return [...code, ...get(next), ...set(crc)]
}

function oneByte(): number[] {
  const mixed = [...get(crc), ...get(at), ...loadByte(0), ...op.xor, ...set(word)]
  const shifted = [...get(crc), ...constant(8), ...op.shr]
  return [...mixed, ...lookUp(0, 0), ...shifted, ...op.xor, ...set(crc)]
}

/** Repeats `body` while `size` bytes are left. */
function whileLeft(size: number, body: number[]): number[] {
  // `at + size > end`, written without a signed comparison: addresses are far below 2^31.
  const enough = [...get(at), ...constant(size - 1), ...op.add, ...get(end), ...op.geUnsigned]
  const step = [...get(at), ...constant(size), ...op.add, ...set(at)]
  return [
    ...op.block,
    ...op.loop,
    ...enough,
    ...op.leaveIf,
    ...body,
    ...step,
    ...op.again,
    ...op.end,
    ...op.end,
  ]
}

const formatVersion = [1, 0, 0, 0]

/** The module: exports `memory` and `update(crc, end) → crc`. */
export function crcModule(): Uint8Array<ArrayBuffer> {
  const code = [
    1, // one group of three locals
    3,
    i32,
    ...constant(windowStart),
    ...set(at),
    ...whileLeft(16, sixteenBytes()),
    ...whileLeft(1, oneByte()),
    ...get(crc),
    ...op.end,
  ]
  return Uint8Array.from([
    ...text('\0asm').slice(1),
    ...formatVersion,
    ...section(1, [1, 0x60, 2, i32, i32, 1, i32]),
    ...section(3, [1, 0]),
    ...section(5, [1, 0, memoryPages]),
    ...section(7, [2, ...text('memory'), 2, 0, ...text('update'), 0, 0]),
    ...section(10, [1, ...unsigned(code.length), ...code]),
  ])
}
