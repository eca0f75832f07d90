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
  | { readonly kind: 'pause'; readonly pause: Pause }
  | {
      readonly kind: 'crash'
      readonly when: 'before' | 'after' | 'answered'
      /** What it has sent comes so late. */
      readonly requestMs: number
    }

/** A process stands still. */
export interface Pause {
  readonly ms: number
  /** Its machine is suspended: it does not notice that time has passed. */
  readonly suspended: boolean
  /** All other processes start again meanwhile. */
  readonly alone: boolean
}

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
  [joinGroup.key, 6],
  [syncGroup.key, 6],
])
const worstTimes = 5
/** What a worker asks while it recovers is rarer still. */
const recoveryTimes = 5

export class Fates {
  readonly #faults: Faults
  readonly #random: () => number
  readonly #timeoutsMs: readonly number[]
  /** A request of which this run loses more than of others. */
  readonly #worst: number | undefined

  /** @param timeoutsMs Pauses are about as long as one of them: what happens differs there. */
  constructor(faults: Faults, random: () => number, timeoutsMs: readonly number[]) {
    this.#faults = faults
    this.#random = random
    this.#timeoutsMs = timeoutsMs
    this.#worst = this.#random() < 0.5 ? this.#pick([...weights.keys()]) : undefined
  }

  /** @param recovers The process is in a phase that few runs come through. */
  draw(request: EncodedRequest, who: string, recovers: boolean): Fate {
    if (!this.#faults.active) return pass
    const { apiName: api } = request
    const times = request.apiKey === this.#worst ? worstTimes : 1
    const weight = times * (recovers ? recoveryTimes : 1) * (weights.get(request.apiKey) ?? 1)
    const connection = this.#random() < 0.7 ? 'reset' : 'silence'
    const delayMs = 1 + this.#random() ** 3 * 6000
    const strikes = (kind: Parameters<Faults['strikes']>[0], what: string, share = 1) =>
      this.#faults.strikes(kind, who, what, share * weight)
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
    const requestMs = when === 'after' && this.#random() < 0.5 ? delayMs : 0
    const late = requestMs > 0 ? `, which comes ${Math.round(requestMs)} ms late` : ''
    if (strikes('crash-at-effect', `${when} ${api}${late}`, 0.4)) {
      return { kind: 'crash', when, requestMs }
    }
    const ms = (this.#pick(this.#timeoutsMs) ?? 0) * (0.6 + this.#random())
    const alone = this.#random() < 0.5
    const suspended = this.#random() < 0.5
    const how = `${suspended ? ', suspended' : ''}${alone ? ', others start again' : ''}`
    const what = `before ${api} ${Math.round(ms)} ms${how}`
    if (strikes('pause-at-effect', what, 0.3)) {
      return { kind: 'pause', pause: { ms, suspended, alone } }
    }
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
