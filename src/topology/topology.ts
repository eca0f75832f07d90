import { json } from '../serde/json.ts'
import type { Serde } from '../serde/serde.ts'
import { string } from '../serde/text.ts'
import { TopologyBuilder } from './builder.ts'
import { checkOptions, checkSerde } from './checks.ts'
import { Draft } from './draft.ts'
import { refuse } from './failures.ts'
import { checkApplication } from './names.ts'
import type { Topology } from './nodes.ts'
import type { TopologyDefaults } from './options.ts'

type Build<K, V> = (t: TopologyBuilder<K, V>) => void

/**
 * Describes a stream processing application: plain, frozen data. Nothing connects to anything;
 * the same value is run, tested, drawn and explained.
 *
 * @param name Consumer group of the application, and the first part of the names of the topics
 * that it owns.
 * @throws StreamError of the domain `user` for every mistake that can be seen without a cluster
 * @example
 * ```ts
 * export default topology('word-count', (t) => {
 *   t.stream('lines', { value: string })
 *     .flatMapValues((line) => line.toLowerCase().match(/\p{L}+/gu) ?? [])
 *     .groupBy('by-word', (word) => word, { key: string })
 *     .count('counts')
 *     .to('word-counts')
 * })
 * ```
 */
export function topology(name: string, build: Build<string, unknown>): Topology
export function topology<K = string, V = unknown>(
  name: string,
  defaults: TopologyDefaults<K, V>,
  build: Build<K, V>,
): Topology
export function topology<K, V>(
  name: string,
  defaults: TopologyDefaults<K, V> | Build<K, V>,
  build?: Build<K, V>,
): Topology {
  const application = checkApplication(name)
  const call = `topology("${application}")`
  const body = typeof defaults === 'function' ? defaults : build
  const serdes = typeof defaults === 'function' ? {} : defaults
  checkOptions(call, serdes, ['key', 'value'])
  const key: Serde<unknown> = serdes.key ?? string
  const value: Serde<unknown> = serdes.value ?? json()
  const draft = new Draft(application, {
    key: checkSerde(`the default key serde of ${call}`, key),
    value: checkSerde(`the default value serde of ${call}`, value),
  })
  if (typeof body !== 'function') {
    throw refuse('INVALID_ARGUMENT', `${call} needs a function that builds it`)
  }
  const answer: unknown = body(new TopologyBuilder<K, V>(draft))
  if (typeof answer === 'object' && answer !== null && 'then' in answer) {
    throw refuse(
      'INVALID_ARGUMENT',
      `${call} is built by an async function: load what it needs before`,
    )
  }
  return draft.finish()
}

/** True for what `topology()` answered, of this or of another copy of the package. */
export function isTopology(value: unknown): value is Topology {
  return (
    typeof value === 'object' &&
    value !== null &&
    'kind' in value &&
    value.kind === 'topology' &&
    'nodes' in value &&
    Array.isArray(value.nodes)
  )
}
