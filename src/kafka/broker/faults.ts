/**
 * Faults that tests ask for: a request or its answer is lost or late. Chosen by rules, not at
 * random.
 */
import type { NodeId } from '../../model/ids.ts'
import type { BrokerRequest } from './request.ts'

export type FaultAction =
  /** Not carried out. `reset` closes the connection, `silence` leaves it open and mute. */
  | { readonly kind: 'lose-request'; readonly connection: 'reset' | 'silence' }
  /** Carried out, but the client never hears of it. */
  | { readonly kind: 'lose-reply'; readonly connection: 'reset' | 'silence' }
  /** Carried out that much later. */
  | { readonly kind: 'delay-request'; readonly ms: number }
  /** Carried out at once, answered that much later. */
  | { readonly kind: 'delay-reply'; readonly ms: number }

export interface FaultRule {
  readonly action: FaultAction
  /** Which requests: all of these have to fit; what is left out fits any. */
  readonly apiKey?: number
  readonly node?: NodeId
  readonly clientId?: string
  /** Fitting requests that pass unharmed first. @default 0 */
  readonly skip?: number
  /** How many are harmed after that. @default 1 */
  readonly times?: number
}

interface LiveRule {
  readonly rule: FaultRule
  skip: number
  times: number
}

export class Faults {
  readonly #rules: LiveRule[] = []

  /** Adds a rule; the returned function takes it away again. */
  add(rule: FaultRule): () => void {
    const live = { rule, skip: rule.skip ?? 0, times: rule.times ?? 1 }
    this.#rules.push(live)
    return () => {
      live.times = 0
    }
  }

  clear(): void {
    this.#rules.length = 0
  }

  /** What happens to this request: the first rule that fits and is not used up. */
  next(request: BrokerRequest): FaultAction | undefined {
    for (const live of this.#rules) {
      if (live.times === 0 || !fits(live.rule, request)) continue
      if (live.skip > 0) {
        live.skip--
        continue
      }
      live.times--
      return live.rule.action
    }
    return undefined
  }
}

function fits({ apiKey, node, clientId }: FaultRule, request: BrokerRequest): boolean {
  if (apiKey !== undefined && apiKey !== request.apiKey) return false
  if (node !== undefined && node !== request.node) return false
  return clientId === undefined || clientId === request.clientId
}
