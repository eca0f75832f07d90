/** CRC-32C (Castagnoli), the checksum of record batches. */
import { crcModule, tableCount, windowBytes, windowStart } from './crc32c-module.ts'

/** What is used of the global `WebAssembly`, which every supported runtime has. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object
  readonly Instance: new (
    module: object,
  ) => {
    readonly exports: {
      readonly memory: { readonly buffer: ArrayBuffer }
      readonly update: (crc: number, end: number) => number
    }
  }
}

const polynomial = 0x82f6_3b78
/** Below this the copy into the module's memory costs more than it saves. */
const wasmBytesMin = 160

/** Table t answers what a byte does to the checksum t + 1 bytes later. */
function buildTables(): Int32Array {
  const tables = new Int32Array(tableCount * 256)
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? polynomial : 0)
    tables[byte] = crc
  }
  for (let i = 256; i < tables.length; i++) {
    const previous = tables[i - 256] ?? 0
    tables[i] = (previous >>> 8) ^ (tables[previous & 0xff] ?? 0)
  }
  return tables
}

const tables = buildTables()
const { memory, update } = new WebAssembly.Instance(new WebAssembly.Module(crcModule())).exports
new Int32Array(memory.buffer, 0, tables.length).set(tables)
const window = new Uint8Array(memory.buffer, windowStart, windowBytes)

/** The checksum of `bytes[start, end)` as an unsigned number. */
export function crc32c(bytes: Uint8Array, start = 0, end: number = bytes.length): number {
  if (end - start < wasmBytesMin) return ~shortCrc(bytes, start, end) >>> 0
  let crc = -1
  for (let at = start; at < end; at += windowBytes) {
    const size = Math.min(end - at, windowBytes)
    window.set(new Uint8Array(bytes.buffer, bytes.byteOffset + at, size))
    crc = update(crc, windowStart + size)
  }
  return ~crc >>> 0
}

/** Eight bytes a turn through eight tables. */
function shortCrc(bytes: Uint8Array, start: number, end: number): number {
  let crc = -1
  let at = start
  for (; at + 8 <= end; at += 8) {
    crc =
      entry(7, crc ^ (bytes[at] ?? 0)) ^
      entry(6, (crc >>> 8) ^ (bytes[at + 1] ?? 0)) ^
      entry(5, (crc >>> 16) ^ (bytes[at + 2] ?? 0)) ^
      entry(4, (crc >>> 24) ^ (bytes[at + 3] ?? 0)) ^
      entry(3, bytes[at + 4] ?? 0) ^
      entry(2, bytes[at + 5] ?? 0) ^
      entry(1, bytes[at + 6] ?? 0) ^
      entry(0, bytes[at + 7] ?? 0)
  }
  for (; at < end; at++) crc = (crc >>> 8) ^ entry(0, crc ^ (bytes[at] ?? 0))
  return crc
}

function entry(table: number, byte: number): number {
  return tables[table * 256 + (byte & 0xff)] ?? 0
}
