/** Aggregations over windows. */
import { durationMs } from '../model/duration.ts'
import type { AggregateFunction, WindowedAggregateSpec, WindowEmit } from '../operators/spec.ts'
import { windowedKeys } from '../serde/windowed.ts'
import type { StoreSpec } from '../state/spec.ts'
import { checkChoice, checkOptions, checkPolicy } from './checks.ts'
import type { Flow, TableFlow } from './draft.ts'
import { refuse } from './failures.ts'
import type { WindowedValueStoreOptions, WindowOptions } from './options.ts'
import {
  type AggregateCall,
  aggregateOptions,
  aggregateValue,
  storeOf,
  storeOptions,
  tableFlow,
} from './stored.ts'
import type { Windowing } from './windowed-stream.ts'
import type { TimeWindows } from './windows.ts'

/** Checks what `windowedBy` got. */
export function windowingOf(flow: Flow, windows: TimeWindows, options: WindowOptions): Windowing {
  if (windows?.kind !== 'tumbling' && windows?.kind !== 'hopping') {
    throw refuse(
      'INVALID_ARGUMENT',
      `windowedBy() needs windows: tumbling('10s'), hopping('1m', '10s') or session('30m')`,
    )
  }
  const { graceMs, emit } = emissionOf(flow, options)
  const { sizeMs, advanceMs, offsetMs } = windows
  return { window: Object.freeze({ sizeMs, advanceMs, offsetMs, graceMs }), emit }
}

/** When windows close and what they tell; without event time they would never close. */
export function emissionOf(
  flow: Flow,
  options: WindowOptions,
): { readonly graceMs: number; readonly emit: WindowEmit } {
  checkOptions('windowedBy()', options, ['grace', 'emit'])
  if (!flow.timed) {
    throw refuse(
      'NO_EVENT_TIME',
      'windowedBy() follows sources that give no watermark, so that no window would ever close: ' +
        'give t.stream() the option watermark, as monotonous() (which is Kafka Streams’ stream ' +
        `time) or boundedOutOfOrderness('5s')`,
    )
  }
  const graceMs = durationMs(options.grace ?? 0, 'grace of windowedBy()')
  const emit = checkChoice('emit of windowedBy()', options.emit, ['update', 'commit', 'final'])
  return { graceMs, emit }
}

export function addWindowedAggregate<K, V>(
  flow: Flow,
  { window, emit }: Windowing,
  call: AggregateCall,
  name: string,
  fn: AggregateFunction,
  options: WindowedValueStoreOptions<K, V>,
): TableFlow {
  const what = flow.draft.own(call, name)
  checkOptions(what, options, [...storeOptions, ...aggregateOptions[call]])
  const value = aggregateValue(flow, call, what, options.value)
  const { store: plain, serdes } = storeOf(flow, what, name, options, value)
  const key = windowedKeys(plain.key, window.sizeMs)
  const store: StoreSpec = Object.freeze({ ...inMemory(what, plain), key, window })
  const spec: WindowedAggregateSpec = Object.freeze({
    kind: 'windowed-aggregate',
    function: Object.freeze(fn),
    key: plain.key,
    window,
    store,
    emit,
    onError: checkPolicy(what, options.onError),
  })
  return tableFlow(flow, name, { store, serdes }, (label) => ({
    kind: 'operator',
    name: label,
    inputs: [flow.edge],
    serdes,
    spec,
  }))
}

/** Entries go as time goes on, without a word to what would be below. */
export function inMemory(what: string, store: StoreSpec): StoreSpec {
  if (store.backend !== 'lmdb') return { ...store, backend: 'memory' }
  throw refuse(
    'INVALID_ARGUMENT',
    `${what} has backend 'lmdb': windows are kept in memory and in the changelog, leave it out`,
  )
}
