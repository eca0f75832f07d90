/** The topologies that `pipeline.ts` runs, as plans of one sub-topology. */
import type { OperatorSpec, SinkSpec } from '../src/operators/spec.ts'
import type { Plan, PlanSource, PlanStep } from '../src/plan/plan.ts'
import { bytes } from '../src/serde/plain.ts'
import { json } from '../src/serde/json.ts'
import { int64 } from '../src/serde/numbers.ts'
import { string } from '../src/serde/text.ts'

function source(value: PlanSource['source']['value']): PlanSource {
  return {
    kind: 'source',
    name: 'input',
    inputs: [],
    repartition: false,
    source: {
      kind: 'source',
      name: 'input',
      inputs: [],
      topics: ['input'],
      key: string,
      value,
      timestamp: undefined,
      watermark: { kind: 'monotonous' },
      idleAfterMs: undefined,
      startFrom: 'earliest',
      onError: 'fail',
    },
  }
}

function operator(name: string, spec: OperatorSpec, input: number): PlanStep {
  return { kind: 'operator', name, inputs: [{ node: input, port: 0 }], spec }
}

function sink(value: SinkSpec['value'], input: number): PlanStep {
  return {
    kind: 'sink',
    name: 'output',
    inputs: [{ node: input, port: 0 }],
    repartition: false,
    carriesValue: true,
    spec: { kind: 'sink', topic: 'output', key: string, value, onError: 'fail' },
  }
}

function plan(steps: readonly PlanStep[]): Plan {
  const stores = steps.flatMap((step) =>
    step.kind === 'operator' && step.spec.kind === 'aggregate' ? [step.spec.store] : [],
  )
  return {
    application: 'bench',
    subTopologies: [{ index: 0, sourceTopics: ['input'], stores, steps }],
    internalTopics: stores.map(({ name }) => ({
      kind: 'changelog',
      name: `bench-${name}-changelog`,
      store: name,
      subTopology: 0,
      configs: {},
    })),
    fingerprint: '',
  }
}

/** Key and value go through as bytes. */
export const passthrough = (): Plan => plan([source(bytes), sink(bytes, 0)])

function count(emit: 'update' | 'commit'): Plan {
  const counts: OperatorSpec = {
    kind: 'aggregate',
    function: { kind: 'count' },
    store: { name: 'counts', key: string, value: int64, backend: 'memory', changelog: {} },
    emit,
    onError: 'fail',
  }
  return plan([source(bytes), operator('counts', counts, 0), sink(int64, 1)])
}

/** Each update goes out; each changed key once an epoch to the changelog. */
export const countPerKey = (): Plan => count('update')

/** The last count of a key and epoch goes out. */
export const countPerKeyAtCommit = (): Plan => count('commit')

interface Order {
  readonly id: number
  readonly amount: number
}

const orders = json<Order>()

/** Parses, keeps about 90 %, changes a field, writes. */
export function jsonFilter(): Plan {
  const large: OperatorSpec = {
    kind: 'filter',
    fn: (order) => isOrder(order) && order.amount >= 100,
    negated: false,
    onError: 'fail',
  }
  const change: OperatorSpec = {
    kind: 'map-values',
    fn: (order) => (isOrder(order) ? { ...order, amount: order.amount * 2 } : order),
    onError: 'fail',
  }
  return plan([
    source(orders),
    operator('large', large, 0),
    operator('doubled', change, 1),
    sink(orders, 2),
  ])
}

function isOrder(value: unknown): value is Order {
  return typeof value === 'object' && value !== null && 'amount' in value
}
