/**
 * Runs a broker's state machine on a clock and timers, and hands its effects to the connections
 * they concern.
 */
import type { Env } from '../../env/port.ts'
import type { Broker } from '../../kafka/broker/broker.ts'
import type { BrokerRequest, Effect } from '../../kafka/broker/request.ts'
import type { NodeId } from '../../model/ids.ts'

export type CloseCause = 'client' | 'fault' | 'stop'

/** What a connection does with effects. None of these may call back into the host at once. */
export interface ConnectionEnd {
  respond(request: number, body: readonly Uint8Array[], flexibleHeader: boolean): void
  /** The request asks for no answer and is done. */
  done(request: number): void
  close(reason: string, cause: CloseCause): void
}

export type ReceivedRequest = Pick<
  BrokerRequest,
  'apiKey' | 'apiVersion' | 'clientId' | 'body' | 'id'
>

export interface HostedConnection {
  submit(request: ReceivedRequest): void
  /** The client is gone. */
  disconnect(): void
}

export class BrokerHost {
  readonly broker: Broker
  readonly #env: Pick<Env, 'clock' | 'timers'>
  readonly #ends = new Map<string, ConnectionEnd>()
  #opened = 0
  #scheduledMs = Number.POSITIVE_INFINITY
  #cancel: () => void = () => {}
  #closed = false

  constructor(broker: Broker, env: Pick<Env, 'clock' | 'timers'>) {
    this.broker = broker
    this.#env = env
  }

  connect(node: NodeId, clientHost: string, end: ConnectionEnd): HostedConnection {
    const connection = `${node}/${++this.#opened}`
    this.#ends.set(connection, end)
    return {
      submit: (request) => {
        if (!this.#ends.has(connection)) return
        const now = this.#env.clock.now()
        const received = { ...request, connection, node, clientHost }
        this.#dispatch(this.broker.handle(received, now))
      },
      disconnect: () => {
        if (this.#ends.delete(connection)) this.broker.disconnect(connection)
      },
    }
  }

  /** Ends all connections and timers. */
  close(): void {
    this.#closed = true
    this.#cancel()
    for (const [connection, end] of this.#ends) {
      this.#ends.delete(connection)
      end.close('the broker stops', 'stop')
    }
  }

  /** Ends all connections, as an outage of the brokers does; clients may connect again at once. */
  dropConnections(): void {
    for (const [connection, end] of this.#ends) {
      this.#ends.delete(connection)
      this.broker.disconnect(connection)
      end.close('an outage was asked for', 'fault')
    }
  }

  /** Applies what a test changed behind the requests' back: moved leaders and coordinators. */
  poke(): void {
    this.#dispatch(this.broker.tick(this.#env.clock.now()))
  }

  #dispatch(effects: readonly Effect[]): void {
    for (const effect of effects) this.#apply(effect)
    this.#schedule()
  }

  #apply(effect: Effect): void {
    const end = this.#ends.get(effect.connection)
    if (end === undefined) return
    switch (effect.kind) {
      case 'respond':
        end.respond(effect.request, effect.body, effect.flexibleHeader)
        break
      case 'done':
        end.done(effect.request)
        break
      case 'close':
        this.#ends.delete(effect.connection)
        end.close(effect.reason, effect.cause)
        break
    }
  }

  #schedule(): void {
    const next = this.broker.nextDeadline()
    if (this.#closed || next === this.#scheduledMs) return
    this.#cancel()
    this.#scheduledMs = next
    if (next === Number.POSITIVE_INFINITY) return
    const delay = Math.min(maxDelayMs, Math.max(0, next - this.#env.clock.now()))
    this.#cancel = this.#env.timers.after(delay, () => {
      this.#scheduledMs = Number.POSITIVE_INFINITY
      this.#cancel = () => {}
      this.poke()
    })
  }
}

/** Timers of the system take 31 bits. */
const maxDelayMs = 2_000_000_000
