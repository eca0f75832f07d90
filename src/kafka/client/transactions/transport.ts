/** What the steps of one producer share: where to send, as whom, and in which versions. */
import type { NodeId } from '../../../model/ids.ts'
import type { Decoded, Api, Encodable, Fields } from '../../protocol/schema.ts'
import type { WireLane } from '../../wire.ts'
import type { ClientContext } from '../context.ts'
import type { ProducerOptions } from '../port.ts'
import type { Session } from './session.ts'
import type { Pacing, StepRules } from './step.ts'
import type { Step } from './decision.ts'
import { Verdicts } from './verdicts.ts'

/**
 * Both transaction protocols by the versions that speak them. Protocol 2 (KIP-890) is Produce 12,
 * TxnOffsetCommit 5 and EndTxn 5 together: partitions and groups are added by the brokers, and each
 * end bumps the epoch.
 */
export const versionLimits = {
  1: { produce: { max: 11 }, offsets: { min: 3, max: 4 }, end: { max: 4 }, add: { max: 3 } },
  2: {
    produce: { min: 12, max: 12 },
    offsets: { min: 5, max: 5 },
    end: { min: 5, max: 5 },
    add: { max: 3 },
  },
} as const

export class Transport {
  readonly context: ClientContext
  readonly options: ProducerOptions
  readonly session: Session
  readonly verdicts: Verdicts
  readonly pacing: Pacing
  /**
   * One socket per broker for everything: a broker handles what comes on one socket in its order.
   */
  readonly lane: WireLane
  /** Requests so far that got no answer: a broker may have started again since. */
  losses = 0
  /**
   * Set by InitProducerId, after which all partitions are looked at; until a transaction has ended
   * since.
   */
  hasLooked = false
  /** The look that is under way, for whoever else wants one. */
  looking: Promise<void> | undefined
  readonly #closing = new AbortController()

  constructor(context: ClientContext, options: ProducerOptions, session: Session) {
    this.context = context
    this.options = options
    this.session = session
    this.verdicts = new Verdicts(context.capabilities.transactionProtocol)
    this.lane = this.#counting(context.wire.lane('produce'))
    this.pacing = {
      env: context.env,
      jitter: context.env.random(`producer-${options.transactionalId}`),
      signal: AbortSignal.any([context.requests.signal, this.#closing.signal]),
    }
  }

  /** Ends what is being tried again. */
  close(): Promise<void> {
    this.#closing.abort()
    return this.lane.close()
  }

  #counting(lane: WireLane): WireLane {
    return {
      send: async (node, request, timeoutMs) => {
        try {
          return await lane.send(node, request, timeoutMs)
        } catch (error) {
          this.losses++
          throw error
        }
      },
      isOpen: (node) => lane.isOpen(node),
      drop: (node) => lane.drop(node),
      close: () => lane.close(),
    }
  }

  get limits() {
    return versionLimits[this.context.capabilities.transactionProtocol]
  }

  nowMs(): number {
    return this.context.env.clock.monotonic()
  }

  /** The coordinator of the transactional id. */
  coordinator(timeoutMs: number): Promise<NodeId> {
    return this.context.coordinators.of('transaction', this.options.transactionalId, timeoutMs)
  }

  send<Q extends Fields, P extends Fields>(
    api: Api<Q, P>,
    call: {
      readonly node: NodeId
      readonly message: Encodable<Q>
      readonly timeoutMs: number
      readonly min?: number
      readonly max?: number
    },
  ): Promise<Decoded<P>> {
    return this.context.requests.send(api, { ...call, lane: this.lane })
  }

  /** Rules of a step that asks the transaction coordinator. */
  rules(step: Step, doing: string, deadlineMs: number): StepRules {
    const { transactionalId } = this.options
    return {
      step,
      doing: `${doing} of ${transactionalId}`,
      deadlineMs,
      refresh: () => this.context.coordinators.forget('transaction', transactionalId),
    }
  }
}
