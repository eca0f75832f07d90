import type { BroadcastContext, KeyedContext, Timer } from '../../operators/process/contexts.ts'
import { checkFunction, checkOptions } from '../checks.ts'
import type { Flow } from '../draft.ts'
import { refuse } from '../failures.ts'
import type { RepartitionOptions } from '../options.ts'
import { throughTopic } from '../repartition.ts'
import type { Stream } from '../stream.ts'
import { addProcess } from './build.ts'
import { keyedOptions } from './operators.ts'
import type { KeyedOptions } from './options.ts'
import type { BroadcastDeclarations, BroadcastStates, ReadStates } from './broadcast-state.ts'
import type { StateDeclarations, StatesOf } from './states.ts'

export type StreamOf = <SK, SV>(flow: Flow) => Stream<SK, SV>

export interface ConnectedProcessOptions<K, A, B, O, S extends StateDeclarations>
  extends KeyedOptions<K, O, S> {
  readonly onFirst: (ctx: KeyedContext<K, O, StatesOf<S>>, value: A) => void
  readonly onSecond: (ctx: KeyedContext<K, O, StatesOf<S>>, value: B) => void
  /** Called for each timer that came due; the store of the timers is `<name>-timers`. */
  readonly onTimer?: (ctx: KeyedContext<K, O, StatesOf<S>>, timer: Timer) => void
  /** Called when a task begins, or begins again. No key is in work. */
  readonly onStart?: (ctx: KeyedContext<K, O, StatesOf<S>>) => void
}

/** Two streams with keys of one type, whose functions share the state of a key. */
export class ConnectedStreams<K, A, B> {
  readonly #first: Flow
  readonly #second: Flow
  readonly #streamOf: StreamOf

  constructor(first: Flow, second: Flow, streamOf: StreamOf) {
    checkTogether('connect()', first, second)
    checkKeys(first, second)
    this.#first = first
    this.#second = second
    this.#streamOf = streamOf
  }

  /**
   * Calls functions of yours with the records of both streams, with state of their key and timers
   * in common: Flink's KeyedCoProcessFunction. A task takes records of both in the order of their
   * timestamps, the first stream's topics first where those come first by name.
   * @param name Names the operator, and the stores of its state and timers.
   */
  process<S extends StateDeclarations = StateDeclarations, O = never>(
    name: string,
    options: ConnectedProcessOptions<K, A, B, O, S>,
  ): Stream<K, O> {
    const flow = { ...this.#first, timed: this.#first.timed || this.#second.timed }
    const what = flow.draft.own('process', name)
    const others = keyedOptions.filter((option) => option !== 'onRecord')
    checkOptions(what, options, [...others, 'onFirst', 'onSecond'])
    checkFunction(`onFirst of ${what}`, options.onFirst)
    checkFunction(`onSecond of ${what}`, options.onSecond)
    const inputs = [this.#first.edge, this.#second.edge]
    const draft = { what, name, mode: 'keyed', options, inputs } as const
    const handlers = [options.onFirst.bind(options), options.onSecond.bind(options)]
    return this.#streamOf(addProcess(flow, draft, handlers))
  }
}

export interface BroadcastProcessOptions<
  K,
  A,
  BK,
  B,
  O,
  S extends StateDeclarations,
  R extends BroadcastDeclarations,
> extends KeyedOptions<K, O, S> {
  /** What every task keeps of the broadcast, each in a store `<name>-<state>`. */
  readonly broadcast: R
  readonly onRecord: (ctx: KeyedContext<K, O, StatesOf<S>> & ReadStates<R>, value: A) => void
  /** Called in every task with each record of the broadcast: it has to do the same everywhere. */
  readonly onBroadcast: (ctx: BroadcastContext<BK> & BroadcastStates<R>, value: B) => void
  readonly onTimer?: (ctx: KeyedContext<K, O, StatesOf<S>> & ReadStates<R>, timer: Timer) => void
  readonly onStart?: (ctx: KeyedContext<K, O, StatesOf<S>> & ReadStates<R>) => void
}

/** A stream by key, and one that every task has whole. */
export class ConnectedBroadcast<K, A, BK, B> {
  readonly #first: Flow
  readonly #broadcast: Flow
  readonly #streamOf: StreamOf

  constructor(first: Flow, broadcast: Flow, streamOf: StreamOf) {
    checkTogether('connect()', first, broadcast)
    this.#first = first
    this.#broadcast = broadcast
    this.#streamOf = streamOf
  }

  /**
   * Calls functions of yours with each record of the stream, which see what those of the broadcast
   * have left in the broadcast state: Flink's KeyedBroadcastProcessFunction. Records of the
   * broadcast may come in another order in each task where several tasks send them.
   * @param name Names the operator and its stores.
   */
  process<
    R extends BroadcastDeclarations,
    S extends StateDeclarations = StateDeclarations,
    O = never,
  >(name: string, options: BroadcastProcessOptions<K, A, BK, B, O, S, R>): Stream<K, O> {
    const flow = { ...this.#first, timed: this.#first.timed || this.#broadcast.timed }
    const what = flow.draft.own('process', name)
    checkOptions(what, options, [...keyedOptions, 'broadcast', 'onBroadcast'])
    checkFunction(`onRecord of ${what}`, options.onRecord)
    checkFunction(`onBroadcast of ${what}`, options.onBroadcast)
    const inputs = [this.#first.edge, this.#broadcast.edge]
    const onBroadcast = options.onBroadcast.bind(options)
    const draft = { what, name, mode: 'keyed', options, inputs, onBroadcast } as const
    return this.#streamOf(addProcess(flow, draft, [options.onRecord.bind(options)]))
  }
}

/** What the other operators of a topology see of a broadcast; not for its author. */
export let broadcastFlowOf: (broadcast: unknown) => Flow | undefined

/** A stream whose records all come to every task of what it is connected to. */
export class BroadcastStream<K, V> {
  readonly #flow: Flow
  /** Says to the compiler what is in it. */
  declare readonly records?: readonly [K, V]

  static {
    broadcastFlowOf = (broadcast) =>
      typeof broadcast === 'object' && broadcast !== null && #flow in broadcast
        ? broadcast.#flow
        : undefined
  }

  constructor(flow: Flow) {
    this.#flow = flow
  }
}

export type BroadcastOptions<K, V> = Pick<RepartitionOptions<K, V>, 'key' | 'value' | 'onError'>

/** Adds the topic through which each record goes to every partition. */
export function broadcasting<K, V>(
  flow: Flow,
  name: string,
  options: BroadcastOptions<K, V>,
): Flow {
  const what = flow.draft.own('broadcast', name)
  checkOptions(what, options, ['key', 'value', 'onError'])
  const how = { partitions: undefined, partitioner: undefined, everywhere: true as const }
  return throughTopic(flow, what, name, options, { ...how, silent: !flow.timed })
}

function checkTogether(call: string, first: Flow, second: Flow): void {
  if (first.draft === second.draft) return
  throw refuse(
    'FOREIGN_STREAM',
    `${call} got a stream of another topology than "${first.draft.application}"`,
  )
}

/** Keys written in two ways are in different partitions. */
function checkKeys(first: Flow, second: Flow): void {
  const [a, b] = [first.key?.serde.name, second.key?.serde.name]
  if (a === undefined || b === undefined || a === b) return
  throw refuse(
    'NOT_CO_PARTITIONED',
    `connect() has keys written by ${a} on one side and by ${b} on the other: read both with the ` +
      "same key serde, or send one through repartition('name', { key: … })",
  )
}
