/** What a process operator declares of its state. */
import { type Duration, durationMs } from '../../model/duration.ts'
import type { Serde } from '../../serde/serde.ts'
import type {
  AggregatingState,
  ListState,
  MapState,
  ReducingState,
  ValueState,
} from '../../state/kinds/handles.ts'
import type {
  AggregatingSpec,
  ListSpec,
  MapSpec,
  ReducingSpec,
  StateSpec,
  ValueSpec,
} from '../../state/kinds/spec.ts'
import type { TtlSpec } from '../../state/kinds/ttl.ts'
import { checkChoice, checkFunction, checkOptions, checkSerde } from '../checks.ts'
import { refuse } from '../failures.ts'

/**
 * How long what is in a state lives after its last use, by Flink's rules (StateTtlConfig): each
 * element of a list and each entry of a map for itself.
 */
export interface StateOptions {
  /** @default for ever */
  readonly ttl?: Duration
  /** `read`: reading counts as use too. @default 'write' */
  readonly refresh?: 'write' | 'read'
  /**
   * Whether what has expired and is still there is answered: once, since whoever meets it removes
   * it. @default 'never-expired'
   */
  readonly show?: 'never-expired' | 'until-cleaned'
  /**
   * `wall`: the machine's. `event`: a use has its record's timestamp, and is over when the
   * watermark is `ttl` past it. @default 'wall'
   */
  readonly clock?: 'wall' | 'event'
}

declare const handle: unique symbol
/** Says to the compiler what functions hold of the state. */
interface Held<H> {
  readonly [handle]?: H
}

export type StateDeclaration = StateSpec & Held<unknown>
export type StateDeclarations = Readonly<Record<string, StateDeclaration>>

/** What `ctx.state` has for these declarations. */
export type StatesOf<S> = {
  readonly [Name in keyof S]: S[Name] extends Held<infer H> ? H : never
}

/** One value for each key. */
export function valueState<T>(
  value: Serde<T>,
  options: StateOptions = {},
): ValueSpec & Held<ValueState<T>> {
  const call = 'valueState()'
  return Object.freeze({
    kind: 'value',
    value: checkSerde(`the serde of ${call}`, value),
    ttl: ttlOf(call, options),
  })
}

/** A list for each key, written whole at a commit that changed it. */
export function listState<T>(
  element: Serde<T>,
  options: StateOptions = {},
): ListSpec & Held<ListState<T>> {
  const call = 'listState()'
  return Object.freeze({
    kind: 'list',
    element: checkSerde(`the serde of ${call}`, element),
    ttl: ttlOf(call, options),
  })
}

/** A map for each key; each of its entries is kept and written for itself. */
export function mapState<K, V>(
  key: Serde<K>,
  value: Serde<V>,
  options: StateOptions = {},
): MapSpec & Held<MapState<K, V>> {
  const call = 'mapState()'
  return Object.freeze({
    kind: 'map',
    key: checkSerde(`the key serde of ${call}`, key),
    value: checkSerde(`the value serde of ${call}`, value),
    ttl: ttlOf(call, options),
  })
}

/** For each key, what was added folded into one value of its kind; the first is the beginning. */
export function reducingState<T>(
  value: Serde<T>,
  reduce: (aggregate: T, value: T) => T,
  options: StateOptions = {},
): ReducingSpec & Held<ReducingState<T>> {
  const call = 'reducingState()'
  checkFunction(call, reduce)
  return Object.freeze({
    kind: 'reducing',
    value: checkSerde(`the serde of ${call}`, value),
    reduce,
    ttl: ttlOf(call, options),
  })
}

export interface AggregatingOptions<In, A, Out> extends StateOptions {
  /** Serde of the aggregate. */
  readonly value: Serde<A>
  /** The aggregate before the first value. */
  readonly init: () => A
  /** The next aggregate; it may change the present one in place and answer it. */
  readonly add: (aggregate: A, value: In) => A
  /** What `get` answers of an aggregate. */
  readonly result: (aggregate: A) => Out
}

/** For each key, an aggregate of what was added, and what is told of it. */
export function aggregatingState<In, A, Out>(
  options: AggregatingOptions<In, A, Out>,
): AggregatingSpec & Held<AggregatingState<In, Out>> {
  const call = 'aggregatingState()'
  const { value, init, add, result, ...rest } = options
  checkFunction(`init of ${call}`, init)
  checkFunction(`add of ${call}`, add)
  checkFunction(`result of ${call}`, result)
  return Object.freeze({
    kind: 'aggregating',
    value: checkSerde(`value of ${call}`, value),
    init,
    add,
    result,
    ttl: ttlOf(call, rest),
  })
}

function ttlOf(call: string, options: StateOptions): TtlSpec | undefined {
  checkOptions(call, options, ['ttl', 'refresh', 'show', 'clock'])
  const refresh = checkChoice(`refresh of ${call}`, options.refresh, ['write', 'read'])
  const shown = ['never-expired', 'until-cleaned'] as const
  const show = checkChoice(`show of ${call}`, options.show, shown)
  const clock = checkChoice(`clock of ${call}`, options.clock, ['wall', 'event'])
  if (options.ttl === undefined) {
    if (Object.keys(options).length === 0) return undefined
    throw refuse('INVALID_ARGUMENT', `${call} has ${Object.keys(options).join()} and no ttl`)
  }
  const ttlMs = durationMs(options.ttl, `ttl of ${call}`)
  if (ttlMs >= 1) return Object.freeze({ ttlMs, refresh, show, clock })
  throw refuse('INVALID_ARGUMENT', `ttl of ${call} is ${ttlMs} ms: write at least 1`)
}
