import { assertNever } from '../model/errors.ts'
import { CountStep } from '../operators/count.ts'
import { EmitAtCut } from '../operators/emit-at-cut.ts'
import { Failures, type TaskScope } from '../operators/failures.ts'
import { FilterStep } from '../operators/filter.ts'
import { FlatMapStep } from '../operators/flat-map.ts'
import { FlatMapValuesStep } from '../operators/flat-map-values.ts'
import { FoldStep } from '../operators/fold.ts'
import { MapStep } from '../operators/map.ts'
import { MapValuesStep } from '../operators/map-values.ts'
import { PeekStep } from '../operators/peek.ts'
import { SelectKeyStep } from '../operators/select-key.ts'
import { SinkStep } from '../operators/sink.ts'
import { SourceGate } from '../operators/source.ts'
import type { AggregateSpec, Emit, OperatorSpec } from '../operators/spec.ts'
import { SplitStep } from '../operators/split.ts'
import { forkTo, type Step } from '../operators/step.ts'
import { ToTableStep } from '../operators/to-table.ts'
import type { PlanSource, SubTopology } from '../plan/plan.ts'
import type { StateBackend } from '../state/backend.ts'
import { EpochBuffer } from '../state/epoch-buffer.ts'
import type { StoreSpec } from '../state/spec.ts'
import { CounterColumn, ObjectColumn } from '../state/value-column.ts'
import { demandOf } from './demand.ts'

/** Where records of a source topic enter. */
export interface Entry {
  readonly node: PlanSource
  readonly key: PlanSource['source']['key']
  readonly value: PlanSource['source']['value']
  readonly repartition: boolean
  readonly gate: SourceGate
  readonly step: Step
}

/** The operators of one task, linked. */
export interface Chain {
  readonly entries: ReadonlyMap<string, Entry>
  /** In the order of the topology: what one emits at a cut may change a later one. */
  readonly stores: readonly EpochBuffer[]
  /** Of the stores whose changes go out at a cut. */
  readonly emitters: readonly EmitAtCut[]
}

/** Builds a task's operators from the last to the first, so that each knows the next. */
export function linkChain(
  plan: SubTopology,
  partition: number,
  scope: TaskScope,
  backend: StateBackend,
): Chain {
  const linker = new ChainLinker(plan, partition, scope, backend)
  return linker.link()
}

class ChainLinker {
  readonly #plan: SubTopology
  readonly #partition: number
  readonly #scope: TaskScope
  readonly #backend: StateBackend
  readonly #built: (Step | undefined)[] = []
  readonly #entries = new Map<string, Entry>()
  readonly #stores: EpochBuffer[] = []
  readonly #emitters: EmitAtCut[] = []

  constructor(plan: SubTopology, partition: number, scope: TaskScope, backend: StateBackend) {
    this.#plan = plan
    this.#partition = partition
    this.#scope = scope
    this.#backend = backend
  }

  link(): Chain {
    const { steps } = this.#plan
    for (let index = steps.length - 1; index >= 0; index -= 1) {
      const step = steps[index]
      if (step === undefined) continue
      if (step.kind === 'source') this.#addEntry(step, index)
      else if (step.kind === 'sink') {
        const failures = new Failures(this.#scope, step.name, step.spec.onError)
        this.#built[index] = new SinkStep(step, this.#scope, failures)
      } else this.#built[index] = this.#operator(step.name, step.spec, index)
    }
    return { entries: this.#entries, stores: this.#stores, emitters: this.#emitters }
  }

  /** What follows an output port of a node. */
  #next(node: number, port = 0): Step {
    const branches: Step[] = []
    this.#plan.steps.forEach(({ inputs }, index) => {
      const step = this.#built[index]
      if (step === undefined) return
      for (const edge of inputs) {
        if (edge.node === node && edge.port === port) branches.push(step)
      }
    })
    return forkTo(branches)
  }

  #addEntry(node: PlanSource, index: number): void {
    const { source, repartition } = node
    const failures = new Failures(this.#scope, node.name, source.onError)
    const demand = demandOf(index, this.#plan.steps)
    const gate = new SourceGate({ timestamp: source.timestamp, demand }, failures)
    const { key, value } = source
    const entry: Entry = { node, key, value, repartition, gate, step: this.#next(index) }
    for (const topic of source.topics) this.#entries.set(topic, entry)
  }

  #operator(name: string, spec: OperatorSpec, index: number): Step {
    const next = this.#next(index)
    const failures = new Failures(this.#scope, name, 'onError' in spec ? spec.onError : 'fail')
    switch (spec.kind) {
      case 'map':
        return new MapStep(spec, failures, next)
      case 'map-values':
        return new MapValuesStep(spec, failures, next)
      case 'flat-map':
        return new FlatMapStep(spec, failures, next)
      case 'flat-map-values':
        return new FlatMapValuesStep(spec, failures, next)
      case 'filter':
        return new FilterStep(spec, failures, next)
      case 'select-key':
        return new SelectKeyStep(spec, failures, next)
      case 'peek':
        return new PeekStep(spec, failures, next)
      case 'split':
        return new SplitStep(
          spec,
          failures,
          spec.branches.map((_, port) => this.#next(index, port)),
        )
      case 'merge':
      case 'to-stream':
        return next
      case 'aggregate':
        return this.#aggregate(spec, failures, next)
      case 'to-table': {
        const store = this.#objectStore(spec.store, spec.emit, next)
        return new ToTableStep(spec.emit, store, this.#scope, failures, next)
      }
      default:
        return assertNever(spec)
    }
  }

  #aggregate(spec: AggregateSpec, failures: Failures, next: Step): Step {
    if (spec.function.kind !== 'count' || spec.store.value.name !== 'int64') {
      const store = this.#objectStore(spec.store, spec.emit, next)
      return new FoldStep(spec, store, this.#scope, failures, next)
    }
    const store = new EpochBuffer(spec.store, new CounterColumn(), this.#backend)
    this.#addStore(store, spec.emit, next)
    return new CountStep(spec, store, this.#scope, failures, next)
  }

  #objectStore(spec: StoreSpec, emit: Emit, next: Step): EpochBuffer<ObjectColumn> {
    const store = new EpochBuffer(spec, new ObjectColumn(spec.value), this.#backend)
    this.#addStore(store, emit, next)
    return store
  }

  #addStore(store: EpochBuffer, emit: Emit, next: Step): void {
    this.#stores.unshift(store)
    if (emit === 'commit') this.#emitters.push(new EmitAtCut(store, this.#partition, next))
  }
}
