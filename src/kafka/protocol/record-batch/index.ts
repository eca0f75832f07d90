/** Record batches of format version 2. */
export {
  assignOffsets,
  type BatchTrailer,
  RecordBatchBuilder,
} from './batch-builder.ts'
export { type BatchHeader, checkIntact, isIntact, readBatchHeaders } from './batch-header.ts'
export {
  type Codec,
  type Compress,
  type Compression,
  compressionCode,
  compressionOf,
  type Decompress,
} from './compression.ts'
export { type ControlRecord, decodeControl, encodeControl } from './control-record.ts'
export { crc32c } from './crc32c.ts'
export { decodeBatch } from './record-decoder.ts'
