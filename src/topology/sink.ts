import type { SinkSpec } from '../operators/spec.ts'
import { checkFunction, checkOptions, checkPolicy } from './checks.ts'
import type { Flow } from './draft.ts'
import { checkTopic } from './names.ts'
import type { SinkOptions } from './options.ts'

/** Adds the end of a stream in a topic. */
export function addSink<K, V>(flow: Flow, topic: string, options: SinkOptions<K, V>): void {
  const { draft, edge } = flow
  checkTopic('the topic of to()', topic)
  const call = `to("${topic}")`
  checkOptions(call, options, ['key', 'value', 'partitioner', 'name', 'onError'])
  draft.label('to', options.name)
  const { partitioner } = options
  if (partitioner !== undefined) checkFunction(`partitioner of ${call}`, partitioner)
  const key = draft.choose('key', call, options.key, flow.key)
  const value = draft.choose('value', call, options.value, flow.value)
  const spec: SinkSpec = Object.freeze({
    kind: 'sink',
    topic,
    key: key.serde,
    value: value.serde,
    ...(partitioner === undefined ? {} : { partitioner }),
    onError: checkPolicy(call, options.onError),
  })
  draft.add(`to-${topic}`, options.name, (name) => ({
    kind: 'sink',
    name,
    inputs: [edge],
    serdes: Object.freeze({ key: key.reason, value: value.reason }),
    spec,
  }))
}
