import { assert, assertNever } from '../model/errors.ts'
import { newTaskCounters, NodeCounters } from '../operators/counters.ts'
import { CountStep } from '../operators/count.ts'
import { EmitAtCut } from '../operators/emit-at-cut.ts'
import { Failures, type TaskScope } from '../operators/failures.ts'
import { FoldStep } from '../operators/fold.ts'
import { CountFolding, ObjectFolding } from '../operators/folding.ts'
import { GlobalJoinStep } from '../operators/global-join.ts'
import type { ProcessSpec } from '../operators/process/spec.ts'
import { SinkStep } from '../operators/sink.ts'
import { type Demand, SourceGate } from '../operators/source.ts'
import type {
  AggregateSpec,
  Emit,
  JoinSpec,
  OperatorSpec,
  SessionAggregateSpec,
  SlidingAggregateSpec,
  StreamJoinSpec,
  SuppressSpec,
  WindowedAggregateSpec,
} from '../operators/spec.ts'
import type { TableSpec } from '../operators/table/spec.ts'
import { SplitStep } from '../operators/split.ts'
import { forkTo, type Step } from '../operators/step.ts'
import { StreamTableJoinStep } from '../operators/stream-table-join.ts'
import type { Timed } from '../operators/timed.ts'
import { WindowedAggregateStep } from '../operators/windowed-aggregate.ts'
import { ToTableStep } from '../operators/to-table.ts'
import type { PlanSource, SubTopology } from '../plan/plan.ts'
import { sharesAggregates } from '../plan/shared-values.ts'
import type { EpochBuffer } from '../state/epoch-buffer.ts'
import { type ChainStore, ChainStores } from './chain-stores.ts'
import { followsCut } from './follows-cut.ts'
import { demandOf, storesByKey } from './demand.ts'
import type { GlobalStores } from './global-stores.ts'
import type { KeptStores } from './kept-stores.ts'
import { linkStateless } from './link-stateless.ts'
import { linkHeldBack, linkStreamJoin, timedOf } from './link-joins.ts'
import { linkProcess } from './link-process.ts'
import { TableLinker } from './link-tables.ts'
import { linkSessions, linkSliding, linkSuppress } from './link-windows.ts'
import { RestoreGate } from './restore-gate.ts'

/** Where records of a source topic enter. */
export interface Entry {
  readonly node: PlanSource
  readonly key: PlanSource['source']['key']
  readonly value: PlanSource['source']['value']
  readonly repartition: boolean
  readonly gate: SourceGate
  /** For restoring a table from its source; undefined where records can be taken as they are. */
  readonly restoreGate: RestoreGate | undefined
  /** Stores that records are looked up in by the bytes of their keys. */
  readonly byKey: readonly EpochBuffer[]
  readonly step: Step
}

export interface TimedStep {
  readonly step: Timed
  /** Its stores: at a cut it learns of the time before any of them is cut. */
  readonly stores: readonly EpochBuffer[]
  /**
   * True: records may reach it at a cut only, from a table before it that emits then, so it learns
   * of the watermark behind those. It would take them for late.
   */
  readonly atCut: boolean
}

/** The operators of one task, linked. */
export interface Chain {
  readonly entries: ReadonlyMap<string, Entry>
  /** In the order of the topology: what one emits at a cut may change a later one. */
  readonly stores: readonly ChainStore[]
  /** Operators that wait for event time, in the order of the topology. */
  readonly timed: readonly TimedStep[]
  /** What each node leaves out. */
  readonly nodes: readonly NodeCounters[]
  /** Of the stores whose changes go out at a cut. */
  readonly emitters: readonly EmitAtCut[]
}

/** What the stores of a task are on top of, or beside. */
export interface ChainStoresParts {
  readonly kept: KeptStores | undefined
  readonly globals: GlobalStores | undefined
}

/** Builds a task's operators from the last to the first, so that each knows the next. */
export function linkChain(
  plan: SubTopology,
  partition: number,
  scope: TaskScope,
  { kept, globals }: ChainStoresParts,
): Chain {
  const linker = new ChainLinker(plan, partition, scope, { kept, globals })
  return linker.link()
}

class ChainLinker {
  readonly #plan: SubTopology
  readonly #partition: number
  readonly #task: TaskScope
  /** That of the node in work. */
  #scope: TaskScope
  readonly #nodes: NodeCounters[] = []
  /** What each node is entered by: one step, or one for each of its inputs. */
  readonly #built: (Step | readonly Step[] | undefined)[] = []
  readonly #entries = new Map<string, Entry>()
  readonly #stores: ChainStores
  readonly #tables: TableLinker
  readonly #globals: GlobalStores | undefined
  readonly #emitters: EmitAtCut[] = []
  readonly #timed: TimedStep[] = []

  constructor(
    plan: SubTopology,
    partition: number,
    scope: TaskScope,
    { kept, globals }: ChainStoresParts,
  ) {
    this.#plan = plan
    this.#globals = globals
    this.#partition = partition
    this.#task = scope
    this.#scope = scope
    this.#stores = new ChainStores(plan, kept)
    this.#tables = new TableLinker(plan.steps, this.#stores, scope)
  }

  link(): Chain {
    const { steps } = this.#plan
    for (let index = steps.length - 1; index >= 0; index -= 1) {
      const step = steps[index]
      if (step === undefined) continue
      this.#enter(step.name)
      if (step.kind === 'source') this.#addEntry(step, index)
      else if (step.kind === 'sink') {
        const failures = new Failures(this.#scope, step.name, step.spec.onError)
        this.#built[index] = new SinkStep(step, this.#scope, failures)
      } else this.#built[index] = this.#operator(step.name, step.spec, index)
    }
    return {
      entries: this.#entries,
      stores: this.#stores.all,
      emitters: this.#emitters,
      timed: this.#timed,
      nodes: this.#nodes,
    }
  }

  /** Each node counts for itself what it leaves out. */
  #enter(node: string): void {
    const counters = new NodeCounters(node, this.#task.counters)
    this.#nodes.unshift(counters)
    this.#scope = { ...this.#task, counters }
    this.#tables.scope = this.#scope
  }

  /** What follows an output port of a node. */
  #next(node: number, port = 0): Step {
    const branches: Step[] = []
    this.#plan.steps.forEach(({ inputs }, index) => {
      const built = this.#built[index]
      if (built === undefined) return
      inputs.forEach((edge, input) => {
        if (edge.node !== node || edge.port !== port) return
        const step = 'process' in built ? built : built[input]
        if (step !== undefined) branches.push(step)
      })
    })
    return forkTo(branches)
  }

  #addEntry(node: PlanSource, index: number): void {
    const { source, repartition } = node
    const failures = new Failures(this.#scope, node.name, source.onError)
    const demand = demandOf(index, this.#plan.steps)
    const gate = new SourceGate({ timestamp: source.timestamp, demand }, failures)
    const { key, value } = source
    const step = this.#next(index)
    const restoreGate = restoreGateOf(node, demand, this.#scope)
    const stores = storesByKey(index, this.#plan.steps)
    const byKey = [...new Set(stores)].map((store) => this.#stores.of(store).buffer)
    const entry: Entry = { node, key, value, repartition, gate, restoreGate, byKey, step }
    for (const topic of source.topics) this.#entries.set(topic, entry)
  }

  #operator(name: string, spec: OperatorSpec, index: number): Step | readonly Step[] {
    const next = this.#next(index)
    const failures = new Failures(this.#scope, name, 'onError' in spec ? spec.onError : 'fail')
    switch (spec.kind) {
      case 'map':
      case 'map-values':
      case 'flat-map':
      case 'flat-map-values':
      case 'filter':
      case 'select-key':
      case 'peek':
        return linkStateless(spec, failures, next)
      case 'split':
        return new SplitStep(
          spec,
          failures,
          spec.branches.map((_, port) => this.#next(index, port)),
        )
      case 'merge':
      case 'to-stream':
        return next
      case 'foreign-key-subscribe':
      case 'foreign-key-subscriptions':
      case 'foreign-key-rows':
      case 'foreign-key-join':
      case 'foreign-key-result': {
        const out = { next, results: this.#next(index, 1) }
        return this.#tables.linkForeignKey(spec, index, failures, out)
      }
      case 'aggregate':
        return this.#aggregate(spec, failures, next, index)
      case 'windowed-aggregate':
        return this.#windowed(spec, failures, next, index)
      case 'process':
        return this.#process(name, spec, failures, index)
      case 'session-aggregate':
      case 'sliding-aggregate':
        return this.#windowsByTime(spec, failures, next, index)
      case 'suppress':
        return this.#suppress(spec, failures, next, index)
      case 'to-table':
        return this.#toTable(spec, failures, next, index)
      case 'join':
        return this.#tableJoin(spec, failures, next, index)
      case 'stream-join':
        return this.#streamJoin(spec, failures, next, index)
      case 'global-join': {
        assert(this.#globals !== undefined, 'whoever runs a plan with global tables has them')
        const table = this.#globals.of(spec.table)
        return new GlobalJoinStep(spec, table, this.#scope, failures, next)
      }
      case 'versioned-table':
      case 'table-aggregate':
      case 'table-filter':
      case 'table-map-values':
      case 'table-join-side':
      case 'table-merge':
      case 'table-group-by':
        return this.#table(spec, failures, next, index)
      default:
        return assertNever(spec)
    }
  }

  #table(spec: TableSpec, failures: Failures, next: Step, index: number): Step {
    if (spec.kind === 'versioned-table') {
      const linked = this.#tables.linkVersioned(spec, failures, next)
      this.#wait(linked.step, linked.stores, index)
      return linked.step
    }
    if (spec.kind === 'table-aggregate') {
      const store = this.#stores.of(spec.store)
      this.#emitAtCut(store, spec.emit, next, this.#tables.sendsOld(index))
    }
    return this.#tables.link(spec, index, failures, next)
  }

  #aggregate(spec: AggregateSpec, failures: Failures, next: Step, index: number): Step {
    const store = this.#stores.of(spec.store)
    const sendsOld = this.#tables.sendsOld(index)
    this.#emitAtCut(store, spec.emit, next, sendsOld)
    return store.kind === 'counts'
      ? new CountStep(spec, store.buffer, this.#scope, failures, next)
      : new FoldStep(spec, store.buffer, this.#scope, failures, next, sendsOld)
  }

  #windowed(spec: WindowedAggregateSpec, failures: Failures, next: Step, index: number): Step {
    const store = this.#stores.of(spec.store)
    const { windows } = store
    assert(windows !== undefined, 'a windowed aggregation has a windowed store')
    const sendsOld = this.#tables.sendsOld(index)
    if (spec.emit !== 'final') this.#emitAtCut(store, spec.emit, next, sendsOld)
    const folding =
      store.kind === 'counts'
        ? new CountFolding(store.buffer)
        : new ObjectFolding(spec, store.buffer, failures)
    const parts = { store: windows, folding, sendsOld }
    const step = new WindowedAggregateStep(spec, parts, this.#place, failures, next)
    this.#wait(step, [store.buffer], index)
    return step
  }

  #tableJoin(spec: JoinSpec, failures: Failures, next: Step, index: number) {
    const table = this.#tables.lookedUp(index, 'live')
    const join = new StreamTableJoinStep(spec, table, this.#scope, failures, next)
    if (spec.store === undefined) return join
    const waiting = timedOf(this.#stores, spec.store)
    const linked = linkHeldBack(spec.table.key, waiting, this.#place, failures, join)
    this.#wait(linked.timed, linked.stores, index)
    return linked.inputs
  }

  #streamJoin(
    spec: StreamJoinSpec,
    failures: Failures,
    next: Step,
    index: number,
  ): readonly Step[] {
    const linked = linkStreamJoin(spec, this.#stores, this.#place, failures, next)
    this.#wait(linked.timed, linked.stores, index)
    return linked.inputs
  }

  #suppress(spec: SuppressSpec, failures: Failures, next: Step, index: number): Step {
    const store = this.#stores.of(spec.store)
    const step = linkSuppress(spec, store, this.#place, failures, next)
    this.#wait(step, [store.buffer], index)
    return step
  }

  #windowsByTime(
    spec: SessionAggregateSpec | SlidingAggregateSpec,
    failures: Failures,
    next: Step,
    index: number,
  ): Step {
    const store = this.#stores.of(spec.store)
    const sendsOld = this.#tables.sendsOld(index)
    const step =
      spec.kind === 'session-aggregate'
        ? linkSessions(spec, store, this.#place, failures, next, sendsOld)
        : linkSliding(spec, store, this.#place, failures, next, sendsOld)
    const hides = 'hides' in step ? (entry: number) => step.hides(entry) : undefined
    if (spec.emit !== 'final') this.#emitAtCut(store, spec.emit, next, sendsOld, hides)
    this.#wait(step, [store.buffer], index)
    return step
  }

  get #place() {
    return { scope: this.#scope, partition: this.#partition }
  }

  /** The chain is built from its end. */
  #wait(step: Timed, stores: readonly EpochBuffer[], index: number): void {
    this.#timed.unshift({ step, stores, atCut: followsCut(this.#plan.steps, index) })
  }

  #process(name: string, spec: ProcessSpec, failures: Failures, index: number): readonly Step[] {
    const next = (port: number) => this.#next(index, port)
    const place = { partition: this.#partition, scope: this.#scope }
    const step = linkProcess({ name, spec, failures, next, ...place }, this.#stores)
    const stores = spec.stores.map((store) => this.#stores.of(store).buffer)
    this.#wait(step, stores, index)
    return step.inputs
  }

  #toTable({ store, emit }: ToTableSpec, failures: Failures, next: Step, index: number): Step {
    const kept = this.#stores.of(store)
    assert(kept.kind === 'objects', 'a table keeps objects')
    const sendsOld = this.#tables.sendsOld(index)
    this.#emitAtCut(kept, emit, next, sendsOld)
    const copies = sharesAggregates(this.#plan.steps, index)
    const options = { emit, sendsOld, copies }
    return new ToTableStep(options, kept.buffer, this.#scope, failures, next)
  }

  #emitAtCut(
    { buffer }: ChainStore,
    emit: Emit,
    next: Step,
    sendsOld: boolean,
    hides?: (entry: number) => boolean,
  ): void {
    if (emit !== 'commit') return
    this.#emitters.push(new EmitAtCut(buffer, this.#partition, next, sendsOld, hides))
  }
}

type ToTableSpec = Extract<OperatorSpec, { readonly kind: 'to-table' }>

/**
 * Where a restored table has to look at each record as its source did: a changelog of its own has
 * only what was admitted, with the time that it was given.
 */
function restoreGateOf(
  node: PlanSource,
  demand: Demand,
  scope: TaskScope,
): RestoreGate | undefined {
  const { timestamp, onError, key, value } = node.source
  if (timestamp === undefined && onError === 'fail') return undefined
  const silent = new Failures({ ...scope, counters: newTaskCounters() }, node.name, 'skip')
  return new RestoreGate({ key, value }, new SourceGate({ timestamp, demand }, silent))
}
