import type { SinkSpec } from '../operators/spec.ts'
import { checkFunction, checkOptions, checkPolicy } from './checks.ts'
import type { Flow } from './draft.ts'
import { refuse } from './failures.ts'
import { checkTopic } from './names.ts'
import type { RecordFn, SinkOptions } from './options.ts'

/** One topic, or a function that names one of those that the options declare. */
export type SinkTarget<K, V> = string | RecordFn<K, V, string>

/** Adds the end of a stream in a topic, or in several. */
export function addSink<K, V>(
  flow: Flow,
  target: SinkTarget<K, V>,
  options: SinkOptions<K, V> & { readonly topics?: readonly string[] },
): void {
  const { draft, edge } = flow
  const chosen = typeof target === 'function'
  const call = chosen ? 'to(fn)' : `to("${target}")`
  checkOptions(call, options, [...(chosen ? ['topics'] : []), ...optionNames])
  draft.label('to', options.name)
  const topics = chosen ? declared(call, options.topics) : [checkTopic('the topic of to()', target)]
  const { partitioner, headers } = options
  if (chosen) checkFunction('the target of to()', target)
  if (partitioner !== undefined) checkFunction(`partitioner of ${call}`, partitioner)
  if (headers !== undefined) checkFunction(`headers of ${call}`, headers)
  const key = draft.choose('key', call, options.key, flow.key)
  const value = draft.choose('value', call, options.value, flow.value)
  const spec: SinkSpec = Object.freeze({
    kind: 'sink',
    topics: Object.freeze(topics),
    key: key.serde,
    value: value.serde,
    ...(chosen ? { choose: target } : {}),
    ...(partitioner === undefined ? {} : { partitioner }),
    ...(headers === undefined ? {} : { headers }),
    onError: checkPolicy(call, options.onError),
  })
  draft.add(chosen ? 'to' : `to-${target}`, options.name, (name) => ({
    kind: 'sink',
    name,
    inputs: [edge],
    serdes: Object.freeze({ key: key.reason, value: value.reason }),
    spec,
  }))
}

const optionNames = ['key', 'value', 'partitioner', 'headers', 'name', 'onError']

/** Written topics are part of the plan: they are looked for, and counted, before the start. */
function declared(call: string, topics: readonly string[] | undefined): string[] {
  if (!Array.isArray(topics) || topics.length === 0) {
    throw refuse(
      'INVALID_ARGUMENT',
      `${call} needs the topics that the function may answer: to(fn, { topics: ['a', 'b'] })`,
    )
  }
  return [...new Set(topics.map((topic) => checkTopic(`topics of ${call}`, topic)))]
}
