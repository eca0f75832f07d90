import type { EncodedRequest } from '../../src/kafka/protocol/codec.ts'
import { type KafkaWire, WireError, type WireLane } from '../../src/kafka/wire.ts'
import type { NodeId } from '../../src/model/ids.ts'

export type Fate =
  /** Never reaches the broker; the sender cannot know that. */
  | 'lose-request'
  /** Is carried out, and the connection breaks before the answer. */
  | 'lose-reply'
  /** Goes out when the promise resolves. */
  | { readonly after: Promise<void> }
  /** Is carried out; its answer stays with the test until the promise resolves, and is lost. */
  | { readonly loseReplyAfter: Promise<void>; readonly answered: () => void }
  /** Is not carried out, and answered with these bytes. */
  | { readonly answer: readonly Uint8Array[] }
  | undefined

/** A wire that passes requests on unless `fate` says otherwise. */
export function faultyWire(
  wire: KafkaWire,
  fate: (request: EncodedRequest, node: NodeId) => Fate,
): KafkaWire {
  const faultyLane = (lane: WireLane): WireLane => ({
    async send(node, request, timeoutMs) {
      const decided = fate(request, node)
      if (decided === undefined) return lane.send(node, request, timeoutMs)
      const lost = new WireError('closed', `${request.apiName} was lost by the test`, true)
      if (decided === 'lose-request') throw lost
      if (decided === 'lose-reply') {
        await lane.send(node, request, timeoutMs)
        lane.drop(node)
        throw lost
      }
      if ('answer' in decided) return Buffer.concat(decided.answer)
      if ('loseReplyAfter' in decided) {
        await lane.send(node, request, timeoutMs)
        decided.answered()
        await decided.loseReplyAfter
        lane.drop(node)
        throw lost
      }
      await decided.after
      return lane.send(node, request, timeoutMs)
    },
    isOpen: (node) => lane.isOpen(node),
    drop: (node) => lane.drop(node),
    close: () => lane.close(),
  })
  return {
    connect: () => wire.connect(),
    anyNode: () => wire.anyNode(),
    learn: (brokers) => wire.learn(brokers),
    apiVersions: (node) => wire.apiVersions(node),
    lane: (name) => faultyLane(wire.lane(name)),
    close: () => wire.close(),
  }
}

/** The fate of the first `times` requests of an API, after `skip` that pass. */
export function once(apiName: string, decided: Fate, { times = 1, skip = 0 } = {}) {
  let seen = 0
  return (request: EncodedRequest): Fate => {
    if (request.apiName !== apiName) return undefined
    seen++
    return seen > skip && seen <= skip + times ? decided : undefined
  }
}

/** Stops requests of one API, or the answer to one, until it is opened. */
export class Gate {
  readonly #opened = Promise.withResolvers<void>()
  readonly #reached = Promise.withResolvers<void>()
  #shut: { readonly apiName: string; readonly at: 'request' | 'answer'; skip: number } | undefined

  /** Resolves when something stands before the gate. */
  get reached(): Promise<void> {
    return this.#reached.promise
  }

  /** @param at With `answer` the first request is carried out, and its answer never comes. */
  shut(apiName: string, at: 'request' | 'answer' = 'request', skip = 0): void {
    this.#shut = { apiName, at, skip }
  }

  open(): void {
    this.#shut = undefined
    this.#opened.resolve()
  }

  readonly fate = ({ apiName }: EncodedRequest): Fate => {
    const shut = this.#shut
    if (shut?.apiName !== apiName) return undefined
    if (shut.skip-- > 0) return undefined
    const { promise } = this.#opened
    if (shut.at === 'request') {
      this.#reached.resolve()
      return { after: promise }
    }
    this.#shut = undefined
    return { loseReplyAfter: promise, answered: () => this.#reached.resolve() }
  }
}
