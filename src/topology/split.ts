import type { RecordContext } from '../operators/record.ts'
import type { OperatorSpec } from '../operators/spec.ts'
import { checkFunction, checkOptions, checkPolicy } from './checks.ts'
import type { Flow } from './draft.ts'
import { refuse } from './failures.ts'
import { checkLabel } from './names.ts'
import type { OperatorOptions, RecordFn } from './options.ts'
import type { Stream } from './stream.ts'

export type Predicate<K, V> = RecordFn<K, V, boolean>

/** What a predicate lets through: a type guard narrows. */
export type Kept<V, F> = F extends Guard<V, infer S> ? S : V

type Guard<V, S extends V> = (value: V, key: never, record: RecordContext) => value is S

/**
 * Predicates by the names of their branches; `'rest'` takes what no branch before it took, and
 * comes last.
 */
export type Branches<K, V> = Readonly<Record<string, Predicate<K, V> | 'rest'>>

export type BranchStreams<K, V, B> = { readonly [Name in keyof B]: Stream<K, Kept<V, B[Name]>> }

/** Adds a split with one output port for each branch, in the order of the object. */
export function addSplit<K, V, B extends Branches<K, V>>(
  flow: Flow,
  branches: B,
  options: OperatorOptions,
  streamOf: (flow: Flow) => Stream<K, V>,
): BranchStreams<K, V, B>
export function addSplit<K, V>(
  flow: Flow,
  branches: Branches<K, V>,
  options: OperatorOptions,
  streamOf: (flow: Flow) => Stream<K, V>,
): Readonly<Record<string, Stream<K, V>>> {
  checkOptions('split()', options, ['name', 'onError'])
  const what = flow.draft.label('split', options.name)
  const ports = Object.entries(branches).map(([name, predicate]) =>
    Object.freeze({ name: checkBranch(what, name, predicate), predicate }),
  )
  checkOrder(what, ports)
  const spec: OperatorSpec = Object.freeze({
    kind: 'split',
    branches: Object.freeze(ports),
    onError: checkPolicy(what, options.onError),
  })
  const { node } = flow.draft.add('split', options.name, (name) => ({
    kind: 'operator',
    name,
    inputs: [flow.edge],
    spec,
  }))
  const streams: Record<string, Stream<K, V>> = {}
  for (const [port, { name }] of ports.entries()) {
    streams[name] = streamOf({ ...flow, edge: Object.freeze({ node, port }) })
  }
  return Object.freeze(streams)
}

function checkBranch<K, V>(what: string, name: string, predicate: Predicate<K, V> | 'rest') {
  checkLabel(`a branch of ${what}`, name)
  // JavaScript moves such keys before the others, and with them the order of the predicates.
  if (/^\d+$/.test(name)) {
    throw refuse('INVALID_NAME', `a branch of ${what} is named "${name}": begin it with a letter`)
  }
  if (predicate !== 'rest') checkFunction(`the branch "${name}" of ${what}`, predicate)
  return name
}

function checkOrder(what: string, ports: readonly { name: string; predicate: unknown }[]): void {
  if (ports.length === 0) throw refuse('INVALID_ARGUMENT', `${what} has no branch`)
  const early = ports.find((port, at) => port.predicate === 'rest' && at < ports.length - 1)
  if (early === undefined) return
  throw refuse(
    'INVALID_ARGUMENT',
    `"${early.name}" of ${what} takes the rest, so the branches after it get nothing: ` +
      'write it last',
  )
}
