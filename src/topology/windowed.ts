/** Aggregations over windows. */
import { durationMs } from '../model/duration.ts'
import type {
  AggregateFunction,
  SlidingAggregateSpec,
  WindowedAggregateSpec,
  WindowEmit,
} from '../operators/spec.ts'
import { windowBytes, windowedKeys } from '../serde/windowed.ts'
import type { StoredWindow, StoreSpec } from '../state/spec.ts'
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
import type { SlidingWindows, TimeWindows } from './windows.ts'

/** Checks what `windowedBy` got. */
export function windowingOf(
  flow: Flow,
  windows: TimeWindows | SlidingWindows,
  options: WindowOptions,
): Windowing {
  if (windows?.kind === 'sliding') {
    const { graceMs, emit } = emissionOf(flow, options)
    const { differenceMs } = windows
    return { kind: 'sliding', sliding: Object.freeze({ differenceMs, graceMs }), emit }
  }
  if (windows?.kind !== 'tumbling' && windows?.kind !== 'hopping') {
    throw refuse(
      'INVALID_ARGUMENT',
      "windowedBy() needs windows: tumbling('10s'), hopping('1m', '10s'), sliding('10s') or " +
        "session('30m')",
    )
  }
  const { graceMs, emit } = emissionOf(flow, options)
  const { sizeMs, advanceMs, offsetMs } = windows
  return { kind: 'time', window: Object.freeze({ sizeMs, advanceMs, offsetMs, graceMs }), emit }
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
  windowing: Windowing,
  call: AggregateCall,
  name: string,
  fn: AggregateFunction,
  options: WindowedValueStoreOptions<K, V>,
): TableFlow {
  const what = flow.draft.own(call, name)
  checkOptions(what, options, [...storeOptions, ...aggregateOptions[call]])
  const value = aggregateValue(flow, call, what, options.value)
  const { store: plain, serdes } = storeOf(flow, what, name, options, value)
  const parts = {
    function: Object.freeze(fn),
    key: plain.key,
    emit: windowing.emit,
    onError: checkPolicy(what, options.onError),
  }
  const spec: WindowedAggregateSpec | SlidingAggregateSpec =
    windowing.kind === 'time'
      ? timeSpec(parts, plain, windowing.window)
      : slidingSpec(parts, plain, windowing.sliding)
  const { store } = spec
  const made = tableFlow(flow, name, { store, serdes }, (label) => ({
    kind: 'operator',
    name: label,
    inputs: [flow.edge],
    serdes,
    spec,
  }))
  const { graceMs } = windowing.kind === 'time' ? windowing.window : windowing.sliding
  // The end is the first millisecond after the window.
  return { ...made, closesAfterEndMs: graceMs - 1 }
}

type SpecParts = Pick<WindowedAggregateSpec, 'function' | 'key' | 'emit' | 'onError'>

function timeSpec(parts: SpecParts, plain: StoreSpec, window: StoredWindow): WindowedAggregateSpec {
  const key = windowedKeys(plain.key, window.sizeMs)
  const store: StoreSpec = Object.freeze({ ...plain, key, window })
  return Object.freeze({ kind: 'windowed-aggregate', ...parts, window, store })
}

/** The last time of a window is its start plus the difference: they have one millisecond more. */
function slidingSpec(
  parts: SpecParts,
  plain: StoreSpec,
  sliding: SlidingAggregateSpec['sliding'],
): SlidingAggregateSpec {
  const { differenceMs, graceMs } = sliding
  const store: StoreSpec = Object.freeze({
    ...plain,
    key: windowedKeys(plain.key, differenceMs + 1),
    ordered: true as const,
    times: Object.freeze({
      bytesBehind: windowBytes,
      keptMs: differenceMs + graceMs,
      lingersMs: differenceMs + 1,
    }),
  })
  return Object.freeze({ kind: 'sliding-aggregate', ...parts, sliding, store })
}
