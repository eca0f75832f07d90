/** Request and response headers of the protocol around encoded bodies. */
import type { EncodedRequest } from '../../kafka/protocol/codec.ts'
import { Reader } from '../../kafka/protocol/reader.ts'

/** Below this a request is copied into one piece, which is cheaper than several writes. */
const joinBytesMax = 16 * 1024
const apiVersionsKey = 18

/** The chunks of a framed request, in order. */
export function frame(
  request: EncodedRequest,
  correlationId: number,
  clientId: Uint8Array,
): readonly Uint8Array[] {
  const { body } = request
  const bodyBytes = body.reduce((sum, chunk) => sum + chunk.length, 0)
  const headerBytes = 4 + 2 + 2 + 4 + 2 + clientId.length + (request.flexible ? 1 : 0)
  const joined = bodyBytes <= joinBytesMax
  const head = Buffer.allocUnsafe(headerBytes + (joined ? bodyBytes : 0))
  head.writeInt32BE(headerBytes - 4 + bodyBytes, 0)
  head.writeInt16BE(request.apiKey, 4)
  head.writeInt16BE(request.apiVersion, 6)
  head.writeInt32BE(correlationId, 8)
  head.writeInt16BE(clientId.length, 12)
  head.set(clientId, 14)
  // Header version 2: no tagged fields.
  if (request.flexible) head[headerBytes - 1] = 0
  if (!joined) return [head, ...body]
  let at = headerBytes
  for (const chunk of body) {
    head.set(chunk, at)
    at += chunk.length
  }
  return [head]
}

/**
 * The body of a response whose correlation id was read already. Flexible responses carry tagged
 * fields in their header; ApiVersions never does, so that a client of any age can read it. It is a
 * plain array, whose parts cost half of those of the `Buffer` that kafkajs wants for its own.
 */
export function responseBody(request: EncodedRequest, answer: Uint8Array): Uint8Array {
  const payload = new Uint8Array(answer.buffer, answer.byteOffset, answer.length)
  if (!request.flexible || request.apiKey === apiVersionsKey) return payload
  if (payload[0] === 0) return payload.subarray(1)
  const reader = new Reader(payload)
  for (let rest = reader.uvarint(); rest > 0; rest--) {
    reader.uvarint()
    reader.skip(reader.uvarint())
  }
  return payload.subarray(reader.position)
}
