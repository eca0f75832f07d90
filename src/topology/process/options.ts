import type { OutputTag } from '../../operators/output-tag.ts'
import type {
  KeyedContext,
  RecordsContext,
  StoreDeclaration,
  Timer,
  ValuesContext,
} from '../../operators/process/contexts.ts'
import type { ErrorPolicy } from '../../operators/spec.ts'
import type { Serde } from '../../serde/serde.ts'
import type { StoreBackend } from '../../state/spec.ts'
import type { StateDeclarations, StatesOf } from './states.ts'

/** What every process operator takes. */
export interface ProcessingOptions<O> {
  /** Serde of what is emitted: without it nothing is. */
  readonly out?: Serde<O>
  /** Stores that its functions use, and other operators too: `ctx.store(accounts)`. */
  readonly stores?: readonly StoreDeclaration<unknown>[]
  /** Side outputs that its functions may fill. */
  readonly sides?: readonly OutputTag<unknown>[]
  /**
   * What happens to a record or timer whose function throws. Under `skip` and dead-letter the call
   * leaves nothing behind: neither state, nor timers, nor what it emitted. @default 'fail'
   */
  readonly onError?: ErrorPolicy
}

/** What process operators with keyed state take. */
export interface KeyedOptions<K, O, S extends StateDeclarations> extends ProcessingOptions<O> {
  /**
   * Of state and timers. @default the serde that the key was read with, while its type is
   * unchanged; else the topology's
   */
  readonly key?: Serde<K>
  /** Of its stores, as in `StoreOptions`. @default the option `stateBackend` */
  readonly backend?: StoreBackend
  /** Of its stores, as in `StoreOptions`. */
  readonly changelog?: false | Readonly<Record<string, string>>
  /** Each owns a store, `<name>-<state>`. */
  readonly state?: S
}

export interface KeyedProcessOptions<K, V, O, S extends StateDeclarations>
  extends KeyedOptions<K, O, S> {
  readonly onRecord: (ctx: KeyedContext<K, O, StatesOf<S>>, value: V) => void
  /** Called for each timer that came due; the store of the timers is `<name>-timers`. */
  readonly onTimer?: (ctx: KeyedContext<K, O, StatesOf<S>>, timer: Timer) => void
  /** Called when a task begins, or begins again: the place for `ctx.every`. No key is in work. */
  readonly onStart?: (ctx: KeyedContext<K, O, StatesOf<S>>) => void
}

export interface ValuesProcessOptions<K, V, O> extends ProcessingOptions<O> {
  readonly onRecord: (ctx: ValuesContext<K, O>, value: V) => void
  /** Called when a task begins, or begins again: the place for `ctx.every`. */
  readonly onStart?: (ctx: ValuesContext<K, O>) => void
}

export interface RecordsProcessOptions<K, V, OK, OV> extends ProcessingOptions<OV> {
  /** Serde of the keys that are emitted. @default the topology's */
  readonly outKey?: Serde<OK>
  readonly onRecord: (ctx: RecordsContext<K, OK, OV>, value: V) => void
  /** Called when a task begins, or begins again: the place for `ctx.every`. */
  readonly onStart?: (ctx: RecordsContext<K, OK, OV>) => void
}
