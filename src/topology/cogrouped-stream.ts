import type { Windowed } from '../model/windowed.ts'
import { reducerSeesKey } from '../operators/reads-key.ts'
import { checkFunction } from './checks.ts'
import type { Flow } from './draft.ts'
import { refuse } from './failures.ts'
import type { KeyedStream } from './keyed-stream.ts'
import type {
  AggregateOptions,
  SessionAggregateOptions,
  WindowedAggregateOptions,
  WindowOptions,
} from './options.ts'
import type { SessionWindowedStream } from './session-windowed-stream.ts'
import type { Table } from './table.ts'
import type { WindowedStream } from './windowed-stream.ts'
import type { SessionWindows, SlidingWindows, TimeWindows } from './windows.ts'

/** A value with the number of the stream that it came from. */
class Tagged {
  readonly stream: number
  readonly value: unknown

  constructor(stream: number, value: unknown) {
    this.stream = stream
    this.value = value
  }
}

/** The key is passed where the function may see it. */
type Add<K, A> = { erased(aggregate: A, value: unknown, key?: K): A }['erased']

/** One of the streams that are aggregated together. */
export interface Cogroup<K, A> {
  readonly flow: Flow
  readonly add: Add<K, A>
}

/** What an aggregation of several streams is told: `add` is each stream's own. */
export type CogroupOptions<Options> = Omit<Options, 'add'>

/** Makes a keyed stream of a flow. */
type Keyed = <K, V>(flow: Flow) => KeyedStream<K, V>

/**
 * Streams of the same key that are folded into one aggregate, each with a function of its own, as
 * Kafka Streams' CogroupedKStream: one store instead of one for each and a join of them.
 */
export class CogroupedStream<K, A> {
  readonly #groups: readonly Cogroup<K, A>[]
  readonly #keyed: Keyed

  constructor(groups: readonly Cogroup<K, A>[], keyed: Keyed) {
    this.#groups = groups
    this.#keyed = keyed
  }

  /** Another stream, with what its values add to the aggregate. */
  cogroup<V>(
    other: KeyedStream<K, V>,
    add: (aggregate: A, value: V, key: K) => A,
  ): CogroupedStream<K, A> {
    return new CogroupedStream([...this.#groups, ...other.cogroup(add).#groups], this.#keyed)
  }

  /** As `aggregate` of a keyed stream: `init` is called before the first value of either stream. */
  aggregate(name: string, options: CogroupOptions<AggregateOptions<K, unknown, A>>): Table<K, A> {
    return this.#merged(name).aggregate(name, { ...options, add: this.#add() })
  }

  /** Cuts the records of all streams by their timestamps; see `windowedBy` of a keyed stream. */
  windowedBy(
    windows: TimeWindows | SlidingWindows,
    options?: WindowOptions,
  ): WindowedCogroupedStream<K, A>
  windowedBy(windows: SessionWindows, options?: WindowOptions): SessionWindowedCogroupedStream<K, A>
  windowedBy(
    windows: TimeWindows | SlidingWindows | SessionWindows,
    options: WindowOptions = {},
  ): WindowedCogroupedStream<K, A> | SessionWindowedCogroupedStream<K, A> {
    const add = this.#add()
    if (windows?.kind === 'session') {
      const of = (name: string) => this.#merged(name).windowedBy(windows, options)
      return new SessionWindowedCogroupedStream(of, add)
    }
    const of = (name: string) => this.#merged(name).windowedBy(windows, options)
    return new WindowedCogroupedStream(of, add)
  }

  #add(): (aggregate: A, tagged: Tagged, key: K) => A {
    const adds = this.#groups.map(({ add }) => add)
    const addOf = ({ stream }: Tagged) => adds[stream] ?? ((aggregate: A) => aggregate)
    // What has two parameters says that nobody reads keys.
    return adds.some((add) => reducerSeesKey(add))
      ? (aggregate, tagged, key) => addOf(tagged)(aggregate, tagged.value, key)
      : (aggregate, tagged) => addOf(tagged)(aggregate, tagged.value)
  }

  /** All streams as one, whose values say which they are of. */
  #merged(name: string): KeyedStream<K, Tagged> {
    const flows = this.#groups.map(({ flow }) => flow)
    const [first] = flows
    if (first === undefined) throw refuse('INVALID_ARGUMENT', 'cogroup() has no streams')
    const { draft } = first
    checkAlike(name, flows)
    const edges = flows.map((flow, stream) =>
      draft.add(`${name}-values`, undefined, (label) => ({
        kind: 'operator',
        name: label,
        inputs: [flow.edge],
        spec: Object.freeze({
          kind: 'map-values',
          fn: (value: unknown) => (value === null ? null : new Tagged(stream, value)),
          onError: 'fail',
        }),
      })),
    )
    const edge = draft.add(`${name}-streams`, undefined, (label) => ({
      kind: 'operator',
      name: label,
      inputs: edges,
      spec: Object.freeze({ kind: 'merge' }),
    }))
    const timed = flows.some((flow) => flow.timed)
    return this.#keyed({ ...first, edge, value: undefined, timed })
  }
}

/** The windows of several streams. */
export class WindowedCogroupedStream<K, A> {
  readonly #windows: (name: string) => WindowedStream<K, Tagged>
  readonly #add: (aggregate: A, tagged: Tagged, key: K) => A

  constructor(
    windows: (name: string) => WindowedStream<K, Tagged>,
    add: (aggregate: A, tagged: Tagged, key: K) => A,
  ) {
    this.#windows = windows
    this.#add = add
  }

  /** As `aggregate` of a windowed stream. */
  aggregate(
    name: string,
    options: CogroupOptions<WindowedAggregateOptions<K, unknown, A>>,
  ): Table<Windowed<K>, A> {
    return this.#windows(name).aggregate(name, { ...options, add: this.#add })
  }
}

/** The sessions of several streams. */
export class SessionWindowedCogroupedStream<K, A> {
  readonly #sessions: (name: string) => SessionWindowedStream<K, Tagged>
  readonly #add: (aggregate: A, tagged: Tagged, key: K) => A

  constructor(
    sessions: (name: string) => SessionWindowedStream<K, Tagged>,
    add: (aggregate: A, tagged: Tagged, key: K) => A,
  ) {
    this.#sessions = sessions
    this.#add = add
  }

  /** As `aggregate` of sessions. */
  aggregate(
    name: string,
    options: CogroupOptions<SessionAggregateOptions<K, unknown, A>>,
  ): Table<Windowed<K>, A> {
    return this.#sessions(name).aggregate(name, { ...options, add: this.#add })
  }
}

/** Streams of one topology whose keys have one serde: others never meet. */
function checkAlike(name: string, flows: readonly Flow[]): void {
  const [first] = flows
  for (const { draft, key } of flows) {
    if (draft !== first?.draft) {
      throw refuse('FOREIGN_STREAM', `the cogroup of "${name}" has a stream of another topology`)
    }
    if (key?.serde.name === first.key?.serde.name) continue
    throw refuse(
      'NOT_CO_PARTITIONED',
      `the cogroup of "${name}" has streams with keys written by ${first.key?.serde.name} and by ` +
        `${key?.serde.name}: read both with the same key serde, or send one through ` +
        "groupBy('name', …, { key: … }) with the other's",
    )
  }
}

/** Checks what `cogroup` got. */
export function cogroupOf<K, V, A>(
  flow: Flow,
  add: (aggregate: A, value: V, key: K) => A,
): Cogroup<K, A> {
  checkFunction('cogroup()', add)
  return { flow, add }
}
