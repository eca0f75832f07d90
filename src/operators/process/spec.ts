import type { Serde } from '../../serde/serde.ts'
import type { SharedSpec } from '../../state/kinds/shared-spec.ts'
import type { StateSpec } from '../../state/kinds/spec.ts'
import type { StoreSpec } from '../../state/spec.ts'
import type { OutputTag } from '../output-tag.ts'
import type { RecordContext } from '../record.ts'
import type { ErrorPolicy } from '../spec.ts'
import type { ProcessContext, Timer } from './contexts.ts'

/** A state by the name that its functions know it by, and the store that keeps it. */
export interface DeclaredState {
  readonly name: string
  readonly spec: StateSpec
  readonly store: StoreSpec
}

export interface DeclaredBroadcast {
  readonly name: string
  readonly store: StoreSpec
}

/**
 * Functions with their types erased; the DSL has checked them (method syntax, as in `operators/
 * spec.ts`).
 */
export type RecordHandler = { erased(ctx: ProcessContext, value: unknown): void }['erased']
export type BroadcastHandler = { erased(ctx: RecordContext, value: unknown): void }['erased']
export type TimerHandler = { erased(ctx: ProcessContext, timer: Timer): void }['erased']
export type StartHandler = { erased(ctx: ProcessContext): void }['erased']

/** `process`: user functions with state and timers. */
export interface ProcessSpec {
  readonly kind: 'process'
  /**
   * `keyed`: what has state and timers by key; `values`: keeps the keys of the records, null ones
   * too; `records`: gives keys of its own.
   */
  readonly mode: 'keyed' | 'values' | 'records'
  /** Of the records' keys, by which state and timers are kept. */
  readonly key: Serde<unknown>
  /** Of what is emitted. */
  readonly out: Serde<unknown>
  readonly states: readonly DeclaredState[]
  /** The store of the timers; undefined where there is no `onTimer`. */
  readonly timers: StoreSpec | undefined
  /** What every task has whole: changed by `onBroadcast` alone. */
  readonly broadcast: readonly DeclaredBroadcast[]
  /** Stores that other operators may use too. */
  readonly shared: readonly SharedSpec[]
  /** All stores that it owns or shares. */
  readonly stores: readonly StoreSpec[]
  /** Side outputs; their ports are behind the first. */
  readonly sides: readonly OutputTag<unknown>[]
  /** True where a source upstream gives watermarks. */
  readonly timed: boolean
  /** One for each input. */
  readonly onRecord: readonly RecordHandler[]
  /** Of an input behind those, whose records every task gets. */
  readonly onBroadcast: BroadcastHandler | undefined
  readonly onTimer: TimerHandler | undefined
  readonly onStart: StartHandler | undefined
  readonly onError: ErrorPolicy
}
