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
const wasmBytesMin = 64

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
  let crc = -1
  let at = start
  if (end - start < wasmBytesMin) {
    for (; at < end; at++) crc = (crc >>> 8) ^ (tables[(crc ^ (bytes[at] ?? 0)) & 0xff] ?? 0)
    return ~crc >>> 0
  }
  while (at < end) {
    const size = Math.min(end - at, windowBytes)
    window.set(new Uint8Array(bytes.buffer, bytes.byteOffset + at, size))
    crc = update(crc, windowStart + size)
    at += size
  }
  return ~crc >>> 0
}
