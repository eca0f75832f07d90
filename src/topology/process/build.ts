import type {
  BroadcastHandler,
  DeclaredBroadcast,
  DeclaredState,
  ProcessSpec,
  RecordHandler,
  StartHandler,
  TimerHandler,
} from '../../operators/process/spec.ts'
import { listSerde, timedListSerde } from '../../serde/list.ts'
import { pairKeys } from '../../serde/pair.ts'
import type { Serde } from '../../serde/serde.ts'
import type { BroadcastSpec, StateSpec } from '../../state/kinds/spec.ts'
import type { SharedSpec } from '../../state/kinds/shared-spec.ts'
import { presence, timerKeys } from '../../state/kinds/timer-store.ts'
import type { StoreBackend, StoreSpec } from '../../state/spec.ts'
import { assertNever } from '../../model/errors.ts'
import { checkFunction, checkPolicy } from '../checks.ts'
import type { ChosenSerde, Flow } from '../draft.ts'
import { refuse } from '../failures.ts'
import type { Edge } from '../nodes.ts'
import { storeOf, type Stored } from '../stored.ts'
import type { BroadcastDeclarations } from './broadcast-state.ts'
import type { ProcessingOptions } from './options.ts'
import { checkTags } from './output-tag.ts'
import type { StateDeclarations } from './states.ts'

/** A process operator as it is being added. */
export interface ProcessDraft<O> {
  readonly what: string
  readonly name: string
  readonly mode: ProcessSpec['mode']
  readonly options: ProcessingOptions<O> & {
    readonly key?: Serde<unknown>
    readonly backend?: StoreBackend
    readonly changelog?: false | Readonly<Record<string, string>>
    readonly state?: StateDeclarations
    readonly broadcast?: BroadcastDeclarations
    readonly onTimer?: TimerHandler
    readonly onStart?: StartHandler
  }
  readonly inputs: readonly Edge[]
  /** Of the last input. */
  readonly onBroadcast?: BroadcastHandler
}

export function addProcess<O>(
  flow: Flow,
  { what, name, mode, options, inputs, onBroadcast }: ProcessDraft<O>,
  onRecord: readonly RecordHandler[],
): Flow {
  const { draft } = flow
  const { onTimer, onStart } = options
  if (onTimer !== undefined) checkFunction(`onTimer of ${what}`, onTimer)
  if (onStart !== undefined) checkFunction(`onStart of ${what}`, onStart)
  const sides = checkTags(what, options.sides ?? [])
  const out = draft.choose('value', what, options.out, undefined)
  const key = storeOf(flow, what, name, options, out)
  const states = Object.entries(options.state ?? {}).map(([state, spec]) =>
    declared(flow, what, name, state, spec, key),
  )
  const timers = onTimer === undefined ? undefined : timersOf(flow, name, key.store)
  const shared = sharedOf(flow, what, options.stores ?? [])
  const broadcast = Object.entries(options.broadcast ?? {}).map(([state, declared]) =>
    broadcastOf(flow, what, name, state, declared, key),
  )
  const stores = [...states, ...broadcast, ...shared].map(({ store }) => store)
  const spec: ProcessSpec = Object.freeze({
    kind: 'process',
    mode,
    key: key.store.key,
    out: out.serde,
    states: Object.freeze(states),
    timers,
    broadcast: Object.freeze(broadcast),
    shared,
    stores: Object.freeze(timers === undefined ? stores : [...stores, timers]),
    sides,
    timed: flow.timed,
    onRecord: Object.freeze(onRecord),
    onBroadcast,
    onTimer: onTimer?.bind(options),
    onStart: onStart?.bind(options),
    onError: checkPolicy(what, options.onError),
  })
  return outFlow(flow, { name, spec, key, out, inputs })
}

function sharedOf(
  { draft }: Flow,
  what: string,
  stores: readonly SharedSpec[],
): readonly SharedSpec[] {
  for (const declaration of stores) {
    if (declaration?.kind !== 'shared-store') {
      throw refuse(
        'INVALID_ARGUMENT',
        `stores of ${what} has something that is no store: use keyValueStore(…), ` +
          'timestampedStore(…), windowStore(…) or sessionStore(…)',
      )
    }
    draft.share(declaration, declaration.store.name)
  }
  return Object.freeze([...stores])
}

function outFlow(
  flow: Flow,
  parts: {
    readonly name: string
    readonly spec: ProcessSpec
    readonly key: Stored
    readonly out: ChosenSerde
    readonly inputs: readonly Edge[]
  },
): Flow {
  const { spec, key, out } = parts
  const node = flow.draft.next
  const edge = flow.draft.add('', parts.name, (name) => ({
    kind: 'operator',
    name,
    inputs: parts.inputs,
    serdes: key.serdes,
    spec,
  }))
  return {
    ...flow,
    edge,
    key: { serde: spec.key, node },
    value: { serde: out.serde, node },
    sides: Object.freeze({ node, tags: spec.sides }),
  }
}

function declared(
  flow: Flow,
  what: string,
  name: string,
  state: string,
  spec: StateSpec,
  { store }: Stored,
): DeclaredState {
  if (!kinds.includes(spec?.kind)) {
    throw refuse(
      'INVALID_ARGUMENT',
      `state "${state}" of ${what} is no state: write valueState(…), listState(…), mapState(…), ` +
        'reducingState(…) or aggregatingState(…)',
    )
  }
  if (spec.ttl?.clock === 'event' && !flow.timed) {
    throw refuse(
      'NO_EVENT_TIME',
      `state "${state}" of ${what} lives by event time, and no source upstream gives a ` +
        'watermark: give t.stream() the option watermark, as monotonous()',
    )
  }
  const full = `${name}-${state}`
  flow.draft.own('state', full)
  const kept: StoreSpec = Object.freeze({
    ...store,
    name: full,
    lends: true as const,
    ...serdesOf(spec, store.key),
  })
  return Object.freeze({ name: state, spec, store: kept })
}

function broadcastOf(
  flow: Flow,
  what: string,
  name: string,
  state: string,
  spec: BroadcastSpec,
  { store }: Stored,
): DeclaredBroadcast {
  if (spec?.kind !== 'broadcast') {
    throw refuse(
      'INVALID_ARGUMENT',
      `"${state}" of ${what} is no broadcast state: write broadcastState(…)`,
    )
  }
  const full = `${name}-${state}`
  flow.draft.own('state', full)
  const { key, value } = spec
  const lends = true as const
  const ordered = true as const
  return { name: state, store: Object.freeze({ ...store, name: full, key, value, ordered, lends }) }
}

const kinds: readonly unknown[] = ['value', 'list', 'map', 'reducing', 'aggregating']

function serdesOf(
  spec: StateSpec,
  key: Serde<unknown>,
): Pick<StoreSpec, 'key' | 'value' | 'ordered'> {
  switch (spec.kind) {
    case 'value':
    case 'reducing':
    case 'aggregating':
      return { key, value: spec.value }
    case 'list': {
      const serde = spec.ttl === undefined ? listSerde : timedListSerde
      return { key, value: serde(spec.element) }
    }
    case 'map':
      return { key: pairKeys(key, spec.key), value: spec.value, ordered: true }
    default:
      return assertNever(spec)
  }
}

function timersOf(flow: Flow, name: string, store: StoreSpec): StoreSpec {
  const full = `${name}-timers`
  flow.draft.own('timers', full)
  return Object.freeze({
    ...store,
    name: full,
    key: timerKeys(store.key),
    value: presence,
    ordered: true as const,
    lends: true as const,
  })
}
