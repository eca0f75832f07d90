/**
 * The embedded Kafka cluster as a state machine: requests and the passing of time go in, effects
 * come out. It has no
 * clock, waits for nothing and draws nothing at random, so a simulation can run it, and runs can be
 * repeated. For
 * development and tests: logs are in memory only, and nothing is replicated.
 */
import { encodeResponse, isFlexible } from '../protocol/codec.ts'
import { apiVersions } from '../protocol/messages/index.ts'
import type { Decompress } from '../protocol/record-batch/compression.ts'
import { MalformedMessage } from '../protocol/reader.ts'
import { unsupportedApiVersions } from './apis/api-versions.ts'
import { handlers } from './apis/index.ts'
import { Cluster } from './cluster.ts'
import { type FaultAction, Faults } from './faults.ts'
import type { Handler, Outcome } from './handler.ts'
import { type BrokerOptions, defaultBrokerOptions } from './options.ts'
import type { BrokerRequest, Effect } from './request.ts'
import { supportedVersions } from './versions.ts'

/** A connection: what is under way on it, and what has to wait for that. */
interface Lane {
  current: BrokerRequest | undefined
  readonly queue: BrokerRequest[]
  /** Set when the reply to the current request is lost or late by a fault. */
  replyFault: FaultAction | undefined
}

interface Delayed {
  readonly atMs: number
  readonly request: BrokerRequest
  /** The reply to send; undefined: the request is yet to be carried out. */
  readonly reply: Effect | undefined
}

export class Broker {
  /** What tests look at and move: topics, leaders, coordinators, addresses. */
  readonly cluster: Cluster
  readonly faults = new Faults()
  readonly #byKey = new Map<number, Handler>(handlers.map((handler) => [handler.api.key, handler]))
  readonly #lanes = new Map<string, Lane>()
  #delayed: Delayed[] = []
  #effects: Effect[] = []

  constructor(options: Partial<BrokerOptions> = {}, decompress?: Decompress) {
    this.cluster = new Cluster({ ...defaultBrokerOptions, ...options }, decompress)
  }

  /** Takes one request in; the effects may answer others too. */
  handle(request: BrokerRequest, nowMs: number): readonly Effect[] {
    this.cluster.nowMs = nowMs
    const lane = this.#lane(request.connection)
    if (lane.current === undefined) this.#start(lane, request)
    else lane.queue.push(request)
    return this.#settle()
  }

  /** Does what is due: time-outs, waits that end, delayed answers. */
  tick(nowMs: number): readonly Effect[] {
    this.cluster.nowMs = nowMs
    this.#startDelayed(nowMs)
    this.cluster.tick(nowMs)
    return this.#settle()
  }

  /** When `tick` has something to do; infinity while nothing is waiting. */
  nextDeadline(): number {
    let next = this.cluster.nextDeadline()
    for (const { atMs } of this.#delayed) next = Math.min(next, atMs)
    return next
  }

  /** The client closed the connection, or the front did: what waits on it is forgotten. */
  disconnect(connection: string): void {
    this.#lanes.delete(connection)
    this.#delayed = this.#delayed.filter(({ request }) => request.connection !== connection)
    this.cluster.fetches.forget(connection)
  }

  #lane(connection: string): Lane {
    let lane = this.#lanes.get(connection)
    if (lane === undefined) {
      lane = { current: undefined, queue: [], replyFault: undefined }
      this.#lanes.set(connection, lane)
    }
    return lane
  }

  #start(lane: Lane, request: BrokerRequest): void {
    lane.current = request
    lane.replyFault = undefined
    const fault = this.faults.next(request)
    switch (fault?.kind) {
      case 'lose-request':
        this.#lose(request, fault.connection)
        return
      case 'delay-request':
        this.#delay({ atMs: this.cluster.nowMs + fault.ms, request, reply: undefined })
        return
      case 'lose-reply':
      case 'delay-reply':
        lane.replyFault = fault
        break
      case undefined:
        break
    }
    this.#carryOut(request)
  }

  #delay(delayed: Delayed): void {
    this.#delayed.push(delayed)
  }

  #startDelayed(nowMs: number): void {
    const due = this.#delayed.filter(({ atMs }) => atMs <= nowMs)
    this.#delayed = this.#delayed.filter(({ atMs }) => atMs > nowMs)
    for (const { request, reply } of due) {
      if (reply === undefined) this.#carryOut(request)
      else this.#send(request, reply)
    }
  }

  #carryOut(request: BrokerRequest): void {
    const handler = this.#byKey.get(request.apiKey)
    if (handler === undefined) {
      this.#close(request, `API key ${request.apiKey} is not served here`)
      return
    }
    const { min, max } = supportedVersions(handler.api, this.cluster.options)
    if (request.apiVersion < min || request.apiVersion > max) {
      this.#refuseVersion(request, handler)
      return
    }
    try {
      this.#finish(request, handler, handler.run(this.cluster, request))
    } catch (error) {
      if (!(error instanceof MalformedMessage)) throw error
      this.#close(request, `${handler.api.name} ${request.apiVersion}: ${error.message}`)
    }
  }

  #refuseVersion(request: BrokerRequest, handler: Handler): void {
    const { name, key } = handler.api
    if (key !== apiVersions.key) {
      this.#close(request, `${name} has no version ${request.apiVersion} here`)
      return
    }
    const body = encodeResponse(apiVersions, 0, unsupportedApiVersions(this.cluster, handlers))
    this.#reply(request, respond(request, body, false))
  }

  #finish(
    request: BrokerRequest,
    { api }: Pick<Handler, 'api'>,
    outcome: Outcome<readonly Uint8Array[]>,
  ): void {
    if (outcome === 'later') return
    if (outcome === 'nothing') {
      this.#reply(request, { kind: 'done', request: request.id, connection: request.connection })
      return
    }
    // Clients read ApiVersions before they know what the broker speaks, so its header never changed
    // (KIP-511).
    const flexible = api.key !== apiVersions.key && isFlexible(api, request.apiVersion)
    this.#reply(request, respond(request, outcome.answer, flexible))
  }

  #reply(request: BrokerRequest, reply: Effect): void {
    const fault = this.#lanes.get(request.connection)?.replyFault
    if (fault?.kind === 'lose-reply') {
      this.#lose(request, fault.connection)
      return
    }
    if (fault?.kind === 'delay-reply') {
      this.#delay({ atMs: this.cluster.nowMs + fault.ms, request, reply })
      return
    }
    this.#send(request, reply)
  }

  /** Sends the reply, unless the connection is gone, and begins what waited behind it. */
  #send(request: BrokerRequest, reply: Effect): void {
    const lane = this.#lanes.get(request.connection)
    if (lane === undefined || lane.current !== request) return
    this.#effects.push(reply)
    lane.current = undefined
    const next = lane.queue.shift()
    if (next !== undefined) this.#start(lane, next)
  }

  /**
   * A mute connection keeps its current request for ever, so nothing behind it is carried out
   * either.
   */
  #lose(request: BrokerRequest, connection: 'reset' | 'silence'): void {
    if (connection === 'reset') this.#reset(request, 'a fault was asked for', 'fault')
  }

  #close(request: BrokerRequest, reason: string): void {
    this.#reset(request, reason, 'client')
  }

  #reset({ connection }: BrokerRequest, reason: string, cause: 'client' | 'fault'): void {
    this.#effects.push({ kind: 'close', connection, reason, cause })
    this.disconnect(connection)
  }

  /** Answers that others' progress made possible, until nothing moves any more. */
  #settle(): readonly Effect[] {
    for (;;) {
      this.cluster.fetches.retry(this.cluster.takeChanged())
      const late = this.cluster.takeLateAnswers()
      if (late.length === 0) break
      for (const { request, api, body } of late) this.#finish(request, { api }, { answer: body })
    }
    const effects = this.#effects
    this.#effects = []
    return effects
  }
}

function respond(
  { id, connection }: BrokerRequest,
  body: readonly Uint8Array[],
  flexibleHeader: boolean,
): Effect {
  return { kind: 'respond', request: id, connection, body, flexibleHeader }
}
