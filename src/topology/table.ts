import { checkOptions } from './checks.ts'
import type { Flow } from './draft.ts'
import type { SinkOptions } from './options.ts'
import { addSink } from './sink.ts'
import type { Stream } from './stream.ts'

/** The last value of each key, kept in a store; what comes out are its changes. */
export class Table<K, V> {
  readonly #flow: Flow
  readonly #streamOf: <SK, SV>(flow: Flow) => Stream<SK, SV>

  constructor(flow: Flow, streamOf: <SK, SV>(flow: Flow) => Stream<SK, SV>) {
    this.#flow = flow
    this.#streamOf = streamOf
  }

  /** The changes as records: the new value, null for a deletion. */
  toStream(options: { readonly name?: string } = {}): Stream<K, V> {
    return this.#streamOf(this.#changes(options))
  }

  /** Writes the changes to a topic: the new value, null for a deletion. */
  to(topic: string, options: SinkOptions<K, V> = {}): void {
    addSink(this.#changes({}), topic, options)
  }

  #changes(options: { readonly name?: string }): Flow {
    const { draft, edge } = this.#flow
    checkOptions('toStream()', options, ['name'])
    draft.label('toStream', options.name)
    const stream = draft.add('to-stream', options.name, (name) => ({
      kind: 'operator',
      name,
      inputs: [edge],
      spec: Object.freeze({ kind: 'to-stream' }),
    }))
    return { ...this.#flow, edge: stream }
  }
}
