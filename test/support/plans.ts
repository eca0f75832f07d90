/**
 * Small plans by hand, and serdes for them: what the graph makes of a topology is tested elsewhere.
 */
import type { AggregateSpec, ErrorPolicy, SinkSpec } from '../../src/operators/spec.ts'
import type { Plan, PlanSink, PlanSource, PlanStep, SubTopology } from '../../src/plan/plan.ts'
import type { Serde } from '../../src/serde/serde.ts'
import type { StoreSpec } from '../../src/state/spec.ts'
import type { SourceNode } from '../../src/topology/nodes.ts'
import { readInt64, writeInt64 } from '../../src/model/int64.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder()

function typed<T>(
  name: string,
  accepts: (value: unknown) => value is T,
  write: (value: T) => Uint8Array,
  deserialize: (bytes: Uint8Array) => unknown,
): Serde<unknown> {
  return {
    name,
    serialize: (value) => {
      if (!accepts(value)) throw new TypeError(`${name} cannot write a ${typeof value}`)
      return write(value)
    },
    deserialize,
  }
}

export const string = typed(
  'string',
  (value) => typeof value === 'string',
  (text) => encoder.encode(text),
  (bytes) => decoder.decode(bytes),
)

export const int64 = typed(
  'int64',
  (value) => typeof value === 'number',
  (number) => {
    const bytes = new Uint8Array(8)
    writeInt64(bytes, 0, number)
    return bytes
  },
  (bytes) => readInt64(bytes, 0),
)

export const json = typed(
  'json',
  (value): value is object | string | number => value !== undefined,
  (value) => encoder.encode(JSON.stringify(value)),
  (bytes): unknown => JSON.parse(decoder.decode(bytes)),
)

export function source(
  name: string,
  topic: string,
  more: Partial<SourceNode> & { readonly repartition?: boolean } = {},
): PlanSource {
  const { repartition = false, ...node } = more
  return {
    kind: 'source',
    name,
    inputs: [],
    repartition,
    source: {
      kind: 'source',
      name,
      inputs: [],
      topics: [topic],
      key: string,
      value: string,
      timestamp: undefined,
      watermark: { kind: 'monotonous' },
      idleAfterMs: undefined,
      startFrom: 'earliest',
      onError: 'fail',
      ...node,
    },
  }
}

export function sink(
  topic: string,
  input: number,
  more: Partial<SinkSpec> & Partial<Pick<PlanSink, 'repartition' | 'carriesValue'>> = {},
): PlanSink {
  const { repartition = false, carriesValue = true, ...spec } = more
  return {
    kind: 'sink',
    name: `to-${topic}`,
    inputs: [{ node: input, port: 0 }],
    repartition,
    carriesValue,
    spec: { kind: 'sink', topic, key: string, value: string, onError: 'fail', ...spec },
  }
}

export function store(name: string, value: Serde<unknown> = json): StoreSpec {
  return { name, key: string, value, backend: 'memory', changelog: {} }
}

export function aggregation(
  spec: StoreSpec,
  fold: AggregateSpec['function'],
  more: { readonly emit?: 'update' | 'commit'; readonly onError?: ErrorPolicy } = {},
): AggregateSpec {
  return {
    kind: 'aggregate',
    function: fold,
    store: spec,
    emit: more.emit ?? 'update',
    onError: more.onError ?? 'fail',
  }
}

/**
 * One sub-topology; its stores are those of its aggregations, with changelogs
 * `test-<store>-changelog`.
 */
export function subTopology(index: number, steps: readonly PlanStep[]): SubTopology {
  const stores = steps.flatMap((step) =>
    step.kind === 'operator' && 'store' in step.spec ? [step.spec.store] : [],
  )
  const sourceTopics = steps.flatMap((step) => (step.kind === 'source' ? step.source.topics : []))
  const sinkTopics = steps.flatMap((step) =>
    step.kind === 'sink' && !step.repartition ? [step.spec.topic] : [],
  )
  return {
    index,
    sourceTopics: sourceTopics.toSorted(),
    sinkTopics: sinkTopics.toSorted(),
    coPartitioned: [],
    stores,
    steps,
  }
}

export function planOf(...subTopologies: readonly SubTopology[]): Plan {
  const internalTopics = subTopologies.flatMap(({ index, stores }) =>
    stores.flatMap(({ name, changelog }) =>
      changelog === false
        ? []
        : [
            {
              kind: 'changelog' as const,
              name: `test-${name}-changelog`,
              store: name,
              subTopology: index,
              configs: {},
            },
          ],
    ),
  )
  return { application: 'test', subTopologies, internalTopics, fingerprint: '' }
}

/** `lines` → words → `test-by-word-repartition` → counts → `word-counts`. */
export function wordCount(emit: 'update' | 'commit' = 'update'): Plan {
  const repartition = 'test-by-word-repartition'
  return planOf(
    subTopology(0, [
      source('lines', 'lines'),
      {
        kind: 'operator',
        name: 'words',
        inputs: [{ node: 0, port: 0 }],
        spec: {
          kind: 'flat-map-values',
          fn: (line) => String(line).toLowerCase().split(' '),
          onError: 'fail',
        },
      },
      {
        kind: 'operator',
        name: 'key',
        inputs: [{ node: 1, port: 0 }],
        spec: { kind: 'select-key', fn: (word) => word, onError: 'fail' },
      },
      sink(repartition, 2, { repartition: true, carriesValue: false }),
    ]),
    subTopology(1, [
      source('by-word', repartition, { repartition: true }),
      {
        kind: 'operator',
        name: 'counts',
        inputs: [{ node: 0, port: 0 }],
        spec: aggregation(store('counts', int64), { kind: 'count' }, { emit }),
      },
      sink('word-counts', 1, { value: int64 }),
    ]),
  )
}
