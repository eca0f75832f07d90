import { assert, assertNever, StreamError } from '../model/errors.ts'
import { Failures, type TaskScope } from '../operators/failures.ts'
import { ForeignKeyJoinStep } from '../operators/foreign-key/join.ts'
import type { ForeignKeySpec } from '../operators/foreign-key/spec.ts'
import { SubscribeStep } from '../operators/foreign-key/subscribe.ts'
import { ForeignRowsStep, SubscriptionsStep } from '../operators/foreign-key/subscriptions.ts'
import type { OperatorSpec } from '../operators/spec.ts'
import type { Step } from '../operators/step.ts'
import { storesOf } from '../operators/stores.ts'
import { TableAggregateStep } from '../operators/table/aggregate.ts'
import { TableFilterStep } from '../operators/table/filter.ts'
import { TableGroupByStep } from '../operators/table/group-by.ts'
import { JoinFunction } from '../operators/table/join-function.ts'
import { TableJoinSideStep } from '../operators/table/join-side.ts'
import { TableMapValuesStep } from '../operators/table/map-values.ts'
import { TableMergeStep } from '../operators/table/merge.ts'
import { RowFunction } from '../operators/table/row-function.ts'
import { Rows } from '../operators/table/rows.ts'
import type { TableSpec, VersionedTableSpec } from '../operators/table/spec.ts'
import { LatestOnly, VersionedRows, VersionedTableStep } from '../operators/table/versioned.ts'
import {
  FilteredTable,
  JoinedTable,
  MappedTable,
  StoreTable,
  type TableView,
  ToldTable,
} from '../operators/table/view.ts'
import { sendersOfOld } from '../plan/old-values.ts'
import type { PlanOperator, PlanStep } from '../plan/plan.ts'
import { sharesAggregates } from '../plan/shared-values.ts'
import { historyOf } from '../plan/versioned.ts'
import type { EpochBuffer } from '../state/epoch-buffer.ts'
import type { ObjectColumn } from '../state/object-column.ts'
import type { StoreSpec } from '../state/spec.ts'
import { VersionHistory } from '../state/version-history.ts'
import type { ChainStores } from './chain-stores.ts'

type PlainTableSpec = Exclude<TableSpec, VersionedTableSpec>

/** Builds the operators from table to table, and tables as they are looked up. */
export class TableLinker {
  readonly #steps: readonly PlanStep[]
  readonly #stores: ChainStores
  /** That of the node in work. */
  scope: TaskScope
  readonly #sendsOld: readonly boolean[]
  readonly #histories = new Map<string, VersionHistory>()

  constructor(steps: readonly PlanStep[], stores: ChainStores, scope: TaskScope) {
    this.#steps = steps
    this.#stores = stores
    this.scope = scope
    this.#sendsOld = sendersOfOld(steps)
  }

  /** Whether the changes of a step say the value before. */
  sendsOld(index: number): boolean {
    return this.#sendsOld[index] ?? false
  }

  /** Tables that follow a versioned one as it is now are spared what has been superseded. */
  link(spec: PlainTableSpec, index: number, failures: Failures, next: Step): Step {
    const step = this.#link(spec, index, failures, next)
    const follows = spec.kind === 'table-join-side' || spec.kind === 'table-group-by'
    return follows ? this.#latest(index, step) : step
  }

  #latest(index: number, step: Step): Step {
    return this.#followsVersions(index) ? new LatestOnly(step, this.scope) : step
  }

  /** A versioned table, which has to be told of time too. */
  linkVersioned(
    spec: VersionedTableSpec,
    failures: Failures,
    next: Step,
  ): { readonly step: VersionedTableStep; readonly stores: readonly EpochBuffer[] } {
    const history = this.#historyOf(spec)
    const step = new VersionedTableStep(spec, history, this.scope, failures, next)
    return { step, stores: [this.#objects(spec.store)] }
  }

  #followsVersions(index: number): boolean {
    const inputs = this.#steps[index]?.inputs ?? []
    return inputs.some(({ node }) => historyOf(this.#steps, node) !== undefined)
  }

  #link(spec: PlainTableSpec, index: number, failures: Failures, next: Step): Step {
    const sends = this.sendsOld(index)
    switch (spec.kind) {
      case 'table-filter': {
        const readsOld = this.sendsOld(this.#steps[index]?.inputs[0]?.node ?? -1)
        const rows = this.#rows(spec.store, index, failures)
        const versioned = this.#followsVersions(index) && rows === undefined
        return new TableFilterStep(spec, rows, { readsOld, versioned }, failures, next)
      }
      case 'table-map-values':
        return new TableMapValuesStep(
          spec,
          this.#rows(spec.store, index, failures),
          sends,
          failures,
          next,
        )
      case 'table-join-side':
        return new TableJoinSideStep(
          spec,
          this.lookedUp(index, 'told'),
          sends,
          this.scope,
          failures,
          next,
        )
      case 'table-merge': {
        const rows = this.#rows(spec.store, index, failures)
        return rows === undefined ? next : new TableMergeStep(rows, true, next)
      }
      case 'table-group-by':
        return new TableGroupByStep(spec, failures, next)
      case 'table-aggregate': {
        const store = this.#objects(spec.store)
        return new TableAggregateStep(spec, { store, sendsOld: sends }, this.scope, failures, next)
      }
      default:
        return assertNever(spec)
    }
  }

  linkForeignKey(
    spec: ForeignKeySpec,
    index: number,
    failures: Failures,
    { next, results }: { readonly next: Step; readonly results: Step },
  ): Step {
    switch (spec.kind) {
      case 'foreign-key-subscribe':
        return this.#latest(
          index,
          new SubscribeStep(spec, this.scope, failures, { subscriptions: next, results }),
        )
      case 'foreign-key-subscriptions': {
        const store = this.#objects(spec.store)
        return new SubscriptionsStep(spec, store, this.lookedUp(index, 'told'), failures, next)
      }
      case 'foreign-key-rows':
        return this.#latest(
          index,
          new ForeignRowsStep(spec, this.#objects(spec.subscriptions), failures, next),
        )
      case 'foreign-key-join':
        return new ForeignKeyJoinStep(spec, this.lookedUp(index, 'told'), failures, next)
      case 'foreign-key-result': {
        const copies = sharesAggregates(this.#steps, index)
        const rows = new Rows({ store: this.#objects(spec.store), copies }, this.scope, failures)
        return new TableMergeStep(rows, false, next)
      }
      default:
        return assertNever(spec)
    }
  }

  /**
   * The table that a step looks up.
   * @param as `told`: as far as its changes have been told, for operators that get these changes.
   */
  lookedUp(index: number, as: 'told' | 'live'): TableView {
    const step = this.#steps[index]
    const node = step?.kind === 'operator' ? step.lookups[0]?.node : undefined
    assert(node !== undefined, 'a step that looks up a table says which')
    return this.#view(node, as)
  }

  #view(index: number, as: 'told' | 'live'): TableView {
    const step = this.#operator(index)
    const { spec, name } = step
    const [store] = storesOf(spec)
    if (spec.kind === 'versioned-table') return new VersionedRows(this.#historyOf(spec))
    if (store !== undefined) {
      const { buffer } = this.#stores.of(store)
      return as === 'told' && emitsAtCut(spec) ? new ToldTable(buffer) : new StoreTable(buffer)
    }
    switch (spec.kind) {
      case 'table-filter': {
        const fn = new RowFunction(spec.fn, new Failures(this.scope, name, spec.onError))
        return new FilteredTable(this.#view(inputOf(step), as), fn, spec.negated)
      }
      case 'table-map-values': {
        const fn = new RowFunction(spec.fn, new Failures(this.scope, name, spec.onError))
        return new MappedTable(this.#view(inputOf(step), as), fn)
      }
      case 'table-merge': {
        const failures = new Failures(this.scope, name, spec.onError)
        const fn = new JoinFunction(spec.join, spec.fn, failures)
        const left = this.#operator(inputOf(step))
        const right = left.lookups[0]?.node ?? -1
        return new JoinedTable(this.#view(inputOf(left), as), this.#view(right, as), fn)
      }
      default:
        throw new StreamError('INVARIANT_BROKEN', `${name} is looked up and is no table`, {
          domain: 'internal',
          recovery: 'fatal',
        })
    }
  }

  /** Steps are linked from the last: who looks a table up comes before it. */
  #historyOf({ store, retentionMs }: VersionedTableSpec): VersionHistory {
    const known = this.#histories.get(store.name)
    if (known !== undefined) return known
    const history = new VersionHistory(this.#objects(store), retentionMs)
    this.#histories.set(store.name, history)
    return history
  }

  #rows(store: StoreSpec | undefined, index: number, failures: Failures): Rows | undefined {
    if (store === undefined) return undefined
    const copies = sharesAggregates(this.#steps, index)
    return new Rows({ store: this.#objects(store), copies }, this.scope, failures)
  }

  #objects(store: StoreSpec): EpochBuffer<ObjectColumn> {
    const kept = this.#stores.of(store)
    assert(kept.kind === 'objects', 'a table keeps objects')
    return kept.buffer
  }

  #operator(index: number): PlanOperator {
    const step = this.#steps[index]
    assert(step?.kind === 'operator', 'tables come out of operators')
    return step
  }
}

function inputOf(step: PlanOperator): number {
  return step.inputs[0]?.node ?? -1
}

function emitsAtCut(spec: OperatorSpec): boolean {
  return 'emit' in spec && spec.emit === 'commit'
}
