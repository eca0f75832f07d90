import { checkFunction, checkOptions, checkPartitionCount, checkPolicy } from './checks.ts'
import type { Flow } from './draft.ts'
import type { RepartitionOptions } from './options.ts'

/** Adds a managed topic; what comes out of it is partitioned by key and has its serdes. */
export function repartitioned<K, V>(
  flow: Flow,
  call: 'repartition' | 'groupBy',
  name: string,
  options: RepartitionOptions<K, V>,
): Flow {
  const { draft, edge } = flow
  const what = draft.own(call, name)
  checkOptions(what, options, ['key', 'value', 'partitions', 'partitioner', 'onError'])
  const { partitioner } = options
  if (partitioner !== undefined) checkFunction(`partitioner of ${what}`, partitioner)
  const partitions = checkPartitionCount(what, options.partitions)
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
    partitions,
    partitioner,
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
