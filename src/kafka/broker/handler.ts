/** Ties an API's table to the function that carries it out. */
import { decodeRequest, encodeResponse } from '../protocol/codec.ts'
import { Reader } from '../protocol/reader.ts'
import type { Api, Decoded, Encodable, Fields } from '../protocol/schema.ts'
import type { Cluster } from './cluster.ts'
import type { BrokerRequest } from './request.ts'

/** `later`: the cluster will answer when it can. `nothing`: the request asks for no answer. */
export type Outcome<Message> = { readonly answer: Message } | 'later' | 'nothing'

export interface Handler {
  readonly api: Api
  /** @throws MalformedMessage when the body does not follow the table. */
  run(cluster: Cluster, request: BrokerRequest): Outcome<readonly Uint8Array[]>
}

export function handler<Q extends Fields, P extends Fields>(
  api: Api<Q, P>,
  carryOut: (
    cluster: Cluster,
    message: Decoded<Q>,
    request: BrokerRequest,
  ) => Outcome<Encodable<P>>,
): Handler {
  return {
    api,
    run(cluster, request) {
      const version = request.apiVersion
      const message = decodeRequest(api, version, new Reader(request.body))
      const outcome = carryOut(cluster, message, request)
      if (outcome === 'later' || outcome === 'nothing') return outcome
      return { answer: encodeResponse(api, version, outcome.answer) }
    },
  }
}
