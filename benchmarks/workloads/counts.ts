/** A count as Kafka Streams writes a `Long`: 8 bytes big-endian; NaN for anything else. */
export function readCount(bytes: Uint8Array): number {
  if (bytes.length !== 8) return Number.NaN
  const view = new DataView(bytes.buffer, bytes.byteOffset, 8)
  return view.getUint32(0) * 0x1_0000_0000 + view.getUint32(4)
}
