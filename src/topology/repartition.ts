import { checkFunction, checkOptions, checkPartitionCount, checkPolicy } from './checks.ts'
import type { Flow } from './draft.ts'
import type { RepartitionNode } from './nodes.ts'
import type { RepartitionOptions } from './options.ts'

/** Adds a managed topic; what comes out of it is partitioned by key and has its serdes. */
export function repartitioned<K, V>(
  flow: Flow,
  call: 'repartition' | 'groupBy',
  name: string,
  options: RepartitionOptions<K, V>,
): Flow {
  const what = flow.draft.own(call, name)
  checkOptions(what, options, ['key', 'value', 'partitions', 'partitioner', 'onError'])
  const { partitioner } = options
  if (partitioner !== undefined) checkFunction(`partitioner of ${what}`, partitioner)
  const partitions = checkPartitionCount(what, options.partitions)
  return throughTopic(flow, what, name, options, { partitions, partitioner })
}

/** Adds the topic; its serdes and error policy are checked here. */
export function throughTopic<K, V>(
  { draft, edge, ...flow }: Flow,
  what: string,
  name: string,
  options: Pick<RepartitionOptions<K, V>, 'key' | 'value' | 'onError'>,
  how: Pick<RepartitionNode, 'partitions' | 'partitioner' | 'everywhere' | 'silent'>,
): Flow {
  const onError = checkPolicy(what, options.onError)
  const key = draft.choose('key', what, options.key, flow.key)
  const value = draft.choose('value', what, options.value, flow.value)
  const node = draft.next
  const out = draft.add('', name, (label) => ({
    kind: 'repartition',
    name: label,
    inputs: [edge],
    serdes: Object.freeze({ key: key.reason, value: value.reason }),
    key: key.serde,
    value: value.serde,
    ...how,
    onError,
  }))
  return {
    draft,
    edge: out,
    key: { serde: key.serde, node },
    value: { serde: value.serde, node },
    rekeyedBy: undefined,
    timed: flow.timed,
  }
}
