/**
 * Answers with an error that a broker gives: instead of acting (`refusal`), or though it has acted
 * (`withError`). Which codes an API may answer is Apache Kafka's.
 */
import { joined } from '../../adapters/direct-wire/direct-wire.ts'
import { decodeRequest, decodeResponse, encodeResponse } from '../../kafka/protocol/codec.ts'
import type { EncodedRequest } from '../../kafka/protocol/codec.ts'
import { errorCode } from '../../kafka/protocol/error-codes.ts'
import {
  addOffsetsToTxn,
  apis,
  endTxn,
  heartbeat,
  initProducerId,
  joinGroup,
  offsetFetch,
  produce,
  syncGroup,
  txnOffsetCommit,
} from '../../kafka/protocol/messages/index.ts'
import { Reader } from '../../kafka/protocol/reader.ts'
import type { Api } from '../../kafka/protocol/schema.ts'

const loading = errorCode('COORDINATOR_LOAD_IN_PROGRESS')
const moved = errorCode('NOT_COORDINATOR')
const unavailable = errorCode('COORDINATOR_NOT_AVAILABLE')
const concurrent = errorCode('CONCURRENT_TRANSACTIONS')
const timedOut = errorCode('REQUEST_TIMED_OUT')

const refusals: ReadonlyMap<number, readonly number[]> = new Map([
  [produce.key, [errorCode('NOT_LEADER_OR_FOLLOWER'), errorCode('NOT_ENOUGH_REPLICAS')]],
  [endTxn.key, [concurrent, loading, moved, unavailable]],
  [initProducerId.key, [concurrent, loading, moved]],
  [addOffsetsToTxn.key, [concurrent, loading, moved]],
  [txnOffsetCommit.key, [loading, moved, unavailable]],
  [heartbeat.key, [loading, moved]],
  [joinGroup.key, [loading, moved]],
  [syncGroup.key, [loading, moved]],
  [offsetFetch.key, [loading, moved, errorCode('UNSTABLE_OFFSET_COMMIT')]],
])

const afterEffect: ReadonlyMap<number, readonly number[]> = new Map([
  [produce.key, [errorCode('NOT_ENOUGH_REPLICAS_AFTER_APPEND'), timedOut]],
  [endTxn.key, [unavailable, errorCode('UNKNOWN_SERVER_ERROR')]],
  [initProducerId.key, [unavailable]],
  [txnOffsetCommit.key, [unavailable, timedOut]],
])

/** In no table of any version. */
export const unheardOf = 9_999

export function refusalCodes(apiKey: number): readonly number[] {
  return refusals.get(apiKey) ?? []
}

export function codesAfterEffect(apiKey: number): readonly number[] {
  return afterEffect.get(apiKey) ?? []
}

/** Whether an unheard-of code can be put into the answers of this API. */
export function mayBeUnheardOf(apiKey: number): boolean {
  return refusals.has(apiKey)
}

/** The answer of a broker that refused to act; undefined where there is none for this API. */
export function refusal(request: EncodedRequest, code: number): Uint8Array | undefined {
  const { apiKey, apiVersion: version, body } = request
  const reader = () => new Reader(joined(body))
  switch (apiKey) {
    case produce.key: {
      const { topicData } = decodeRequest(produce, version, reader())
      const responses = topicData.map(({ name, topicId, partitionData }) => ({
        name,
        topicId,
        partitionResponses: partitionData.map(({ index }) => ({
          index,
          errorCode: code,
          baseOffset: -1,
        })),
      }))
      return joined(encodeResponse(produce, version, { responses }))
    }
    case txnOffsetCommit.key: {
      const asked = decodeRequest(txnOffsetCommit, version, reader())
      const topics = asked.topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode: code })),
      }))
      return joined(encodeResponse(txnOffsetCommit, version, { throttleTimeMs: 0, topics }))
    }
    case offsetFetch.key: {
      if (version < 8) return undefined
      const { groups } = decodeRequest(offsetFetch, version, reader())
      const answers = groups.map(({ groupId }) => ({ groupId, topics: [], errorCode: code }))
      return joined(encodeResponse(offsetFetch, version, { groups: answers }))
    }
    default:
      return plainRefusal(apiKey, version, code)
  }
}

function plainRefusal(apiKey: number, version: number, errorCode: number): Uint8Array | undefined {
  switch (apiKey) {
    case endTxn.key:
      return joined(encodeResponse(endTxn, version, { throttleTimeMs: 0, errorCode }))
    case initProducerId.key: {
      const answer = { throttleTimeMs: 0, errorCode, producerEpoch: -1 }
      return joined(encodeResponse(initProducerId, version, answer))
    }
    case addOffsetsToTxn.key:
      return joined(encodeResponse(addOffsetsToTxn, version, { throttleTimeMs: 0, errorCode }))
    case heartbeat.key:
      return joined(encodeResponse(heartbeat, version, { throttleTimeMs: 0, errorCode }))
    case joinGroup.key: {
      const nobody = { leader: '', memberId: '', members: [], protocolName: '' }
      return joined(encodeResponse(joinGroup, version, { throttleTimeMs: 0, errorCode, ...nobody }))
    }
    case syncGroup.key: {
      const answer = { throttleTimeMs: 0, errorCode, assignment: new Uint8Array(0) }
      return joined(encodeResponse(syncGroup, version, answer))
    }
    default:
      return undefined
  }
}

const byKey: ReadonlyMap<number, Api> = new Map(apis.map((api): [number, Api] => [api.key, api]))

/** The same answer with this code in the place of each that says that all is well. */
export function withError(
  apiKey: number,
  version: number,
  body: Uint8Array,
  code: number,
): Uint8Array {
  const api = byKey.get(apiKey)
  if (api === undefined) return body
  const message = decodeResponse(api, version, new Reader(body))
  const changed: unknown = withCode(message, code)
  return joined(encodeResponse(api, version, changed as typeof message))
}

function withCode(value: unknown, code: number): unknown {
  if (Array.isArray(value)) return value.map((element) => withCode(element, code))
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [
      name,
      name === 'errorCode' && field === 0 ? code : withCode(field, code),
    ]),
  )
}
