/** What becomes of one request: drawn when it is sent. */
import type { EncodedRequest } from '../../kafka/protocol/codec.ts'
import {
  endTxn,
  fetch,
  heartbeat,
  initProducerId,
  joinGroup,
  offsetFetch,
  produce,
  syncGroup,
  txnOffsetCommit,
} from '../../kafka/protocol/messages/index.ts'
import { codesAfterEffect, mayBeUnheardOf, refusalCodes, unheardOf } from './errors.ts'
import type { Faults } from './faults.ts'

export type Fate =
  | { readonly kind: 'pass' }
  | { readonly kind: 'lose-request' | 'lose-reply'; readonly connection: 'reset' | 'silence' }
  | { readonly kind: 'outage'; readonly ms: number }
  | { readonly kind: 'delay'; readonly requestMs: number; readonly replyMs: number }
  | { readonly kind: 'refuse'; readonly code: number }
  | { readonly kind: 'answer'; readonly code: number }
  | { readonly kind: 'pause'; readonly ms: number; readonly alone: boolean }
  | { readonly kind: 'crash'; readonly when: 'before' | 'after' | 'answered' }

const pass: Fate = { kind: 'pass' }
const moments = ['before', 'after', 'answered'] as const
/** Most requests are fetches and heart-beats; what is rare and decides is more worth a fault. */
const weights: ReadonlyMap<number, number> = new Map([
  [fetch.key, 0.15],
  [heartbeat.key, 0.5],
  [produce.key, 2],
  [txnOffsetCommit.key, 3],
  [endTxn.key, 6],
  [initProducerId.key, 6],
  [offsetFetch.key, 4],
  [joinGroup.key, 2],
  [syncGroup.key, 2],
])

export class Fates {
  readonly #faults: Faults
  readonly #random: () => number

  constructor(faults: Faults, random: () => number) {
    this.#faults = faults
    this.#random = random
  }

  draw(request: EncodedRequest, who: string): Fate {
    if (!this.#faults.active) return pass
    const { apiName: api } = request
    const weight = weights.get(request.apiKey) ?? 1
    const connection = this.#random() < 0.7 ? 'reset' : 'silence'
    const delayMs = 1 + this.#random() ** 3 * 6000
    const strikes = (kind: Parameters<Faults['strikes']>[0], what: string, times = 1) =>
      this.#faults.strikes(kind, who, what, times * weight)
    if (strikes('lose-request', `${api} ${connection}`)) return { kind: 'lose-request', connection }
    if (strikes('lose-reply', `${api} ${connection}`)) return { kind: 'lose-reply', connection }
    const awayMs = this.#random() * 16_000
    if (strikes('outage-at-effect', `${api} ${Math.round(awayMs)} ms`, 0.5)) {
      return { kind: 'outage', ms: awayMs }
    }
    if (strikes('delay', `${api} ${Math.round(delayMs)} ms`, 2)) return this.#delay(delayMs)
    const error = this.#error(request, strikes)
    if (error !== undefined) return error
    const when = this.#pick(moments) ?? 'after'
    if (strikes('crash-at-effect', `${when} ${api}`, 0.4)) return { kind: 'crash', when }
    const ms = this.#random() * 25_000
    const alone = this.#random() < 0.5
    const what = `before ${api} ${Math.round(ms)} ms${alone ? ', others start again' : ''}`
    if (strikes('pause-at-effect', what, 0.3)) return { kind: 'pause', ms, alone }
    return pass
  }

  #delay(ms: number): Fate {
    const there = this.#random() < 0.5
    return { kind: 'delay', requestMs: there ? ms : 0, replyMs: there ? 0 : ms }
  }

  #error(
    { apiKey, apiName }: EncodedRequest,
    strikes: (kind: Parameters<Faults['strikes']>[0], what: string, times?: number) => boolean,
  ): Fate | undefined {
    const refusal = this.#pick(refusalCodes(apiKey))
    if (refusal !== undefined && strikes('refuse', `${apiName} ${refusal}`, 3)) {
      return { kind: 'refuse', code: refusal }
    }
    const after = this.#pick(codesAfterEffect(apiKey))
    if (after !== undefined && strikes('error-after-effect', `${apiName} ${after}`, 2)) {
      return { kind: 'answer', code: after }
    }
    if (mayBeUnheardOf(apiKey) && strikes('unknown-code', apiName, 0.2)) {
      return { kind: 'answer', code: unheardOf }
    }
    return undefined
  }

  #pick<Value>(list: readonly Value[]): Value | undefined {
    return list[Math.floor(this.#random() * list.length)]
  }
}
