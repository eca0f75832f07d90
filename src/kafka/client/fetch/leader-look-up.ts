/**
 * Reads metadata again for partitions whose leader is not known, or is another than was thought.
 */
import { type StreamError } from '../../../model/errors.ts'
import type { ClientContext } from '../context.ts'
import { toStreamError } from '../failure.ts'
import { backoffMs } from './backoff.ts'
import type { Cursor } from './cursor.ts'

const doing = 'finding the leaders of partitions to fetch'

export class LeaderLookUp {
  readonly #context: ClientContext
  readonly #onDone: () => void
  readonly #random: () => number
  #topics = new Set<string>()
  #running = false

  constructor(context: ClientContext, onDone: () => void) {
    this.#context = context
    this.#onDone = onDone
    this.#random = context.env.random('fetch-backoff')
  }

  want({ topic }: Cursor): void {
    this.#topics.add(topic)
  }

  /** Another attempt for a cursor, later. */
  backOff(cursor: Cursor): void {
    cursor.failures++
    cursor.retryAtMs =
      this.#context.env.clock.monotonic() + backoffMs(cursor.failures, this.#random)
  }

  /** Begins to read what is wanted, unless that is going on. */
  start(cursors: readonly Cursor[]): void {
    if (this.#running || this.#topics.size === 0) return
    const topics = this.#topics
    this.#topics = new Set()
    this.#running = true
    void this.#run([...topics], cursors)
  }

  async #run(topics: readonly string[], cursors: readonly Cursor[]): Promise<void> {
    const concerned = cursors.filter(({ topic }) => topics.includes(topic))
    try {
      await this.#context.metadata.refresh(topics)
    } catch (error) {
      this.#failed(toStreamError(error, doing), concerned)
    }
    // Still without a leader (an election, a topic that is not there yet): not at once again.
    for (const cursor of concerned) {
      if (this.#context.metadata.leader(cursor) === undefined) this.backOff(cursor)
    }
    this.#running = false
    this.#onDone()
  }

  #failed(error: StreamError, cursors: readonly Cursor[]): void {
    const { recovery, where } = error
    if (recovery === 'retry' || recovery === 'refresh') return
    for (const cursor of cursors) {
      if (where.topic !== undefined && where.topic !== cursor.topic) continue
      cursor.problem ??= { kind: 'failed', error }
    }
  }
}
