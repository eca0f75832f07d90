/** The header in front of each request on a connection. */
import { isFlexible } from '../protocol/codec.ts'
import { apis } from '../protocol/messages/index.ts'
import { Reader } from '../protocol/reader.ts'
import type { Api } from '../protocol/schema.ts'

export interface RequestHeader {
  readonly apiKey: number
  readonly apiVersion: number
  readonly correlationId: number
  readonly clientId: string | null
  /** What follows the header. */
  readonly body: Uint8Array
}

const byKey = new Map<number, Api>(apis.map((api) => [api.key, api]))

/** @throws MalformedMessage when the frame ends within the header. */
export function readRequestHeader(frame: Uint8Array): RequestHeader {
  const reader = new Reader(frame)
  const apiKey = reader.int16()
  const apiVersion = reader.int16()
  const correlationId = reader.int32()
  const clientIdBytes = reader.int16()
  const clientId = clientIdBytes < 0 ? null : reader.utf8(clientIdBytes)
  const api = byKey.get(apiKey)
  if (api !== undefined && isFlexible(api, apiVersion)) skipTaggedFields(reader)
  return { apiKey, apiVersion, correlationId, clientId, body: frame.subarray(reader.position) }
}

function skipTaggedFields(reader: Reader): void {
  for (let left = reader.uvarint(); left > 0; left--) {
    reader.uvarint()
    reader.skip(reader.uvarint())
  }
}
