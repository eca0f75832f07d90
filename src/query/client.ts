/** Asks the workers of an application for what their stores hold, from any other process. */
import { type Duration, durationMs } from '../model/duration.ts'
import { messageOf, StreamError } from '../model/errors.ts'
import type { Serde } from '../serde/serde.ts'
import type { StoreAnswer, StoreQuestion } from '../state/store-read.ts'
import { askOver } from './http.ts'
import { type StoreQuery, TypedStore, unavailable } from './typed-store.ts'

export interface QueryClientOptions {
  /** HTTP ports of workers, `host:port` or URLs: any of them forwards to the owner. */
  readonly endpoints: readonly string[]
  /** For one question with its forwarding and retries. @default '10s' */
  readonly timeout?: Duration
}

export interface StoreSerdes<K, V> {
  /** Of the store: of a windowed one, `windowed(key, size)`. */
  readonly key: Serde<K>
  readonly value: Serde<V>
}

/**
 * @example
 * const client = new QueryClient({ endpoints: ['worker-0:8080', 'worker-1:8080'] })
 * const counts = client.store('counts', { key: string, value: int64 })
 * await counts.get('mill')
 */
export class QueryClient {
  readonly #endpoints: readonly string[]
  readonly #timeoutMs: number

  /** @throws StreamError `INVALID_DURATION` */
  constructor({ endpoints, timeout = '10s' }: QueryClientOptions) {
    this.#endpoints = endpoints.map((one) => (one.includes('://') ? one : `http://${one}`))
    this.#timeoutMs = durationMs(timeout, 'timeout of QueryClient')
  }

  store<K, V>(name: string, { key, value }: StoreSerdes<K, V>): StoreQuery<K, V> {
    const ask = (question: StoreQuestion) => this.#ask(question)
    return new TypedStore({ store: name, key, value, ask })
  }

  /** The endpoints in turn: a process that is gone costs one attempt. */
  async #ask(question: StoreQuestion): Promise<StoreAnswer> {
    const signal = AbortSignal.timeout(this.#timeoutMs)
    let last: unknown = new Error('the client has no endpoints')
    for (const endpoint of this.#endpoints) {
      try {
        return await askOver(endpoint, 'query', question, signal)
      } catch (error) {
        if (error instanceof StreamError && error.domain === 'user') throw error
        last = error
      }
    }
    throw last instanceof StreamError ? last : unavailable(question.store, messageOf(last), last)
  }
}
