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
    const { metadata } = this.#context
    try {
      await metadata.refresh(topics)
    } catch (thrown) {
      const error = toStreamError(thrown, doing)
      for (const cursor of concerned) failed(cursor, error)
    }
    for (const cursor of concerned) {
      const refused = metadata.failure(cursor.topic)
      if (refused !== undefined) failed(cursor, refused)
      // Still without a leader (an election, a topic that is not there yet): not at once again.
      if (metadata.leader(cursor) === undefined) this.backOff(cursor)
    }
    this.#running = false
    this.#onDone()
  }
}

/** What another attempt may settle is no problem yet. */
function failed(cursor: Cursor, error: StreamError): void {
  const { recovery } = error
  if (recovery === 'retry' || recovery === 'refresh') return
  cursor.problem ??= { kind: 'failed', error }
}
