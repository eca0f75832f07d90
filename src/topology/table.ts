import { checkOptions } from './checks.ts'
import type { Flow, TableFlow } from './draft.ts'
import type { SinkOptions } from './options.ts'
import { refuse } from './failures.ts'
import { addSink } from './sink.ts'
import type { Stream } from './stream.ts'

/** What the other operators of a topology see of a table; not for its author. */
export let tableFlowOf: <K, V>(what: string, table: Table<K, V>) => TableFlow

/** The last value of each key, kept in a store; what comes out are its changes. */
export class Table<K, V> {
  readonly #flow: TableFlow
  readonly #streamOf: <SK, SV>(flow: Flow) => Stream<SK, SV>

  static {
    tableFlowOf = (what, table) => {
      if (typeof table === 'object' && table !== null && #flow in table) return table.#flow
      throw refuse('INVALID_ARGUMENT', `${what} needs a table, as t.table() and toTable() answer`)
    }
  }

  constructor(flow: TableFlow, streamOf: <SK, SV>(flow: Flow) => Stream<SK, SV>) {
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
    const { draft, edge, key, value, rekeyedBy, timed } = this.#flow
    checkOptions('toStream()', options, ['name'])
    draft.label('toStream', options.name)
    const stream = draft.add('to-stream', options.name, (name) => ({
      kind: 'operator',
      name,
      inputs: [edge],
      spec: Object.freeze({ kind: 'to-stream' }),
    }))
    return { draft, edge: stream, key, value, rekeyedBy, timed }
  }
}
