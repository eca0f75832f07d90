/**
 * The one place that sends a request: version, encoding, throttling, decoding; and the one retry
 * loop.
 */
import type { Env } from '../../env/port.ts'
import type { StreamError } from '../../model/errors.ts'
import type { NodeId } from '../../model/ids.ts'
import { decodeResponse, encodeRequest } from '../protocol/codec.ts'
import { Reader } from '../protocol/reader.ts'
import type { Api, Decoded, Encodable, Fields } from '../protocol/schema.ts'
import type { KafkaWire, WireLane } from '../wire.ts'
import { tellingError, toStreamError } from './failure.ts'
import { chooseVersion, type VersionLimits } from './versions.ts'

export interface Call<Q extends Fields> extends VersionLimits {
  readonly node: NodeId
  /** The message, or what makes it for the version that was chosen. */
  readonly message: Encodable<Q> | ((version: number) => Encodable<Q>)
  readonly timeoutMs: number
  /** The lane to use, the control lane where absent. */
  readonly lane?: WireLane
}

export interface RetryRules {
  /** For messages: "reading metadata". */
  readonly doing: string
  readonly timeoutMs: number
  /**
   * Called before the next attempt when an answer says that metadata or a coordinator is out of
   * date.
   */
  readonly refresh?: () => void
  /** Pause before the first retry, doubled up to `backoffMaxMs`. @default 20 */
  readonly backoffMs?: number
  /** @default 500 */
  readonly backoffMaxMs?: number
  /** Kafka's codes that another attempt cannot help here, whatever the error table says. */
  readonly final?: readonly string[]
}

export class Requests {
  readonly #wire: KafkaWire
  readonly #env: Env
  readonly #control: WireLane
  readonly #jitter: () => number
  readonly #closing = new AbortController()
  readonly #throttledUntil = new WeakMap<WireLane, Map<NodeId, number>>()

  constructor(wire: KafkaWire, env: Env) {
    this.#wire = wire
    this.#env = env
    this.#control = wire.lane('control')
    this.#jitter = env.random('kafka-backoff')
  }

  /** Aborted when the client is closed: nothing is tried again then. */
  get signal(): AbortSignal {
    return this.#closing.signal
  }

  close(): void {
    this.#closing.abort()
  }

  /**
   * One request, one answer; error codes in the answer are the caller's to judge. Requests on one
   * lane and node leave in the order of the calls once the node's versions are known.
   * @throws WireError, StreamError `API_VERSION_UNSUPPORTED`, MalformedMessage
   */
  async send<Q extends Fields, P extends Fields>(
    api: Api<Q, P>,
    call: Call<Q>,
  ): Promise<Decoded<P>> {
    const table = await this.#wire.apiVersions(call.node)
    const version = chooseVersion(api, table, call.node, call)
    return this.sendVersion(api, version, call)
  }

  /**
   * As `send`, with the version decided by the caller: nothing is awaited before the request
   * leaves.
   */
  async sendVersion<Q extends Fields, P extends Fields>(
    api: Api<Q, P>,
    version: number,
    call: Call<Q>,
  ): Promise<Decoded<P>> {
    const lane = call.lane ?? this.#control
    const message = typeof call.message === 'function' ? call.message(version) : call.message
    const request = encodeRequest(api, version, message)
    const body = await lane.send(
      call.node,
      request,
      call.timeoutMs + this.#throttled(lane, call.node),
    )
    const answer = decodeResponse(api, version, new Reader(body))
    this.#noteThrottle(lane, call.node, answer)
    return answer
  }

  /**
   * Runs a step again while what it throws is worth it, within a deadline.
   * @throws StreamError
   */
  async retrying<T>(
    rules: RetryRules,
    step: (remainingMs: number, attempt: number) => Promise<T>,
  ): Promise<T> {
    const { clock, timers } = this.#env
    const deadline = clock.monotonic() + rules.timeoutMs
    let last: StreamError | undefined
    for (let attempt = 0; ; attempt++) {
      const remainingMs = Math.max(1, deadline - clock.monotonic())
      try {
        return await step(remainingMs, attempt)
      } catch (thrown) {
        const error = toStreamError(thrown, rules.doing)
        last = tellingError(error, last)
        const pauseMs = this.#pauseMs(rules, attempt)
        const late = clock.monotonic() + pauseMs >= deadline || this.signal.aborted
        if (late || !again(error, rules)) throw late ? last : error
        if (error.recovery === 'refresh') rules.refresh?.()
        await timers.sleep(pauseMs, this.signal)
      }
    }
  }

  /**
   * Half fixed, half random, so that many clients that lost the same broker do not come back as
   * one.
   */
  #pauseMs({ backoffMs = 20, backoffMaxMs = 500 }: RetryRules, attempt: number): number {
    const full = Math.min(backoffMs * 2 ** Math.min(attempt, 16), Math.max(backoffMs, backoffMaxMs))
    return full / 2 + (full / 2) * this.#jitter()
  }

  /** A throttled broker answers at once and then does not read from the connection for a while. */
  #throttled(lane: WireLane, node: NodeId): number {
    const until = this.#throttledUntil.get(lane)?.get(node) ?? 0
    return Math.max(0, until - this.#env.clock.monotonic())
  }

  #noteThrottle(lane: WireLane, node: NodeId, answer: object): void {
    const throttleMs: unknown = 'throttleTimeMs' in answer ? answer.throttleTimeMs : 0
    if (typeof throttleMs !== 'number' || throttleMs <= 0) return
    const nodes = this.#throttledUntil.get(lane) ?? new Map<NodeId, number>()
    nodes.set(node, this.#env.clock.monotonic() + throttleMs)
    this.#throttledUntil.set(lane, nodes)
  }
}

function again({ code, recovery }: StreamError, rules: RetryRules): boolean {
  if (rules.final?.includes(code) === true) return false
  return recovery === 'retry' || recovery === 'refresh'
}
