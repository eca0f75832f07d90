import { assertNever } from '../model/errors.ts'
import { foldSeesKey } from '../operators/fold.ts'
import { reducerSeesKey, seesKey } from '../operators/reads-key.ts'
import type { Demand } from '../operators/source.ts'
import type { ProcessSpec } from '../operators/process/spec.ts'
import type { OperatorSpec } from '../operators/spec.ts'
import type { PlanSink, PlanSource, PlanStep } from '../plan/plan.ts'
import type { StoreSpec } from '../state/spec.ts'
import { tableUse, type Use } from './table-demand.ts'

/**
 * What of a source's records is read as objects by the steps behind it, as far as key and value
 * stay the source's own. Bytes that only pass to a store or a topic of the same serde are not read.
 */
export function demandOf(source: number, steps: readonly PlanStep[]): Demand {
  const origin = steps[source]
  if (origin?.kind !== 'source') return { key: false, value: false }
  const { timestamp, watermark } = origin.source
  const timed = timestamp !== undefined || watermark.kind === 'punctuated'
  const behind = follow(source, steps, origin, { key: true, value: true })
  return { key: behind.key, value: behind.value || timed }
}

/**
 * Stores that the steps behind a source look up by the source's own key, in the bytes that its
 * records have it in.
 */
export function storesByKey(source: number, steps: readonly PlanStep[]): readonly StoreSpec[] {
  const origin = steps[source]
  return origin?.kind === 'source' ? storesBehind(source, steps, origin) : []
}

function storesBehind(
  node: number,
  steps: readonly PlanStep[],
  origin: PlanSource,
): readonly StoreSpec[] {
  return steps.flatMap((step, index) => {
    if (step.kind !== 'operator' || !step.inputs.some((edge) => edge.node === node)) return []
    const behind = operatorUse(step.spec, origin).keepsKey ? storesBehind(index, steps, origin) : []
    const own = storesByKeyOf(step.spec).filter(({ key }) => key === origin.source.key)
    return [...own, ...behind]
  })
}

function storesByKeyOf(spec: OperatorSpec): readonly StoreSpec[] {
  switch (spec.kind) {
    case 'table-aggregate':
    case 'aggregate':
    case 'to-table':
      return [spec.store]
    case 'table-join-side':
      return spec.other.store === undefined ? [] : [spec.other.store]
    case 'join': {
      // Records that wait are looked up for later.
      const { store } = spec.table
      return store === undefined || spec.store !== undefined ? [] : [store]
    }
    case 'process':
      return spec.mode === 'keyed' ? spec.states.map(({ store }) => store) : []
    default:
      return []
  }
}

function follow(
  node: number,
  steps: readonly PlanStep[],
  origin: PlanSource,
  alive: Demand,
): Demand {
  let key = false
  let value = false
  steps.forEach((step, index) => {
    if (step.kind === 'source' || !step.inputs.some((edge) => edge.node === node)) return
    const use = step.kind === 'sink' ? sinkUse(step, origin) : operatorUse(step.spec, origin)
    key ||= alive.key && use.readsKey
    value ||= alive.value && use.readsValue
    const passed = { key: alive.key && use.keepsKey, value: alive.value && use.keepsValue }
    if (!passed.key && !passed.value) return
    const behind = follow(index, steps, origin, passed)
    key ||= behind.key
    value ||= behind.value
  })
  return { key, value }
}

function sinkUse({ spec, carriesValue }: PlanSink, { source }: PlanSource): Use {
  const { partitioner, choose, headers } = spec
  const asked = [partitioner, choose, headers].some((fn) => fn !== undefined)
  return {
    readsKey: asked || spec.key !== source.key,
    readsValue: asked || (carriesValue && spec.value !== source.value),
    keepsKey: false,
    keepsValue: false,
  }
}

function processUse({ mode }: ProcessSpec): Use {
  return { readsKey: true, readsValue: true, keepsKey: mode !== 'records', keepsValue: false }
}

function operatorUse(spec: OperatorSpec, { source }: PlanSource): Use {
  switch (spec.kind) {
    case 'map':
    case 'flat-map':
      return { readsKey: seesKey(spec.fn), readsValue: true, keepsKey: false, keepsValue: false }
    case 'map-values':
    case 'flat-map-values':
      return { readsKey: seesKey(spec.fn), readsValue: true, keepsKey: true, keepsValue: false }
    case 'select-key':
      return { readsKey: seesKey(spec.fn), readsValue: true, keepsKey: false, keepsValue: true }
    case 'filter':
    case 'peek':
      return { readsKey: seesKey(spec.fn), readsValue: true, keepsKey: true, keepsValue: true }
    case 'split':
      return { readsKey: true, readsValue: true, keepsKey: true, keepsValue: true }
    case 'aggregate': {
      const counts = spec.function.kind === 'count'
      const readsKey = foldSeesKey(spec.function) || spec.store.key !== source.key
      return { readsKey, readsValue: !counts, keepsKey: true, keepsValue: false }
    }
    case 'windowed-aggregate':
    case 'session-aggregate':
    case 'sliding-aggregate': {
      const counts = spec.function.kind === 'count'
      const merges = 'merge' in spec && reducerSeesKey(spec.merge)
      const readsKey = merges || foldSeesKey(spec.function) || spec.key !== source.key
      return { readsKey, readsValue: !counts, keepsKey: false, keepsValue: false }
    }
    case 'process':
      return processUse(spec)
    case 'to-table': {
      const readsKey = spec.store.key !== source.key
      return { readsKey, readsValue: true, keepsKey: true, keepsValue: true }
    }
    case 'join': {
      const readsKey = reducerSeesKey(spec.fn) || spec.table.key !== source.key
      return { readsKey, readsValue: true, keepsKey: true, keepsValue: false }
    }
    case 'suppress': {
      const readsKey = spec.until.kind === 'window-closes' || spec.key !== source.key
      return { readsKey, readsValue: true, keepsKey: true, keepsValue: true }
    }
    case 'stream-join': {
      const readsKey = reducerSeesKey(spec.fn) || spec.key !== source.key
      return { readsKey, readsValue: true, keepsKey: true, keepsValue: false }
    }
    case 'global-join': {
      const readsKey = seesKey(spec.on) || reducerSeesKey(spec.fn)
      return { readsKey, readsValue: true, keepsKey: true, keepsValue: false }
    }
    case 'table-filter':
    case 'versioned-table':
    case 'table-map-values':
    case 'table-group-by':
    case 'table-aggregate':
    case 'table-join-side':
    case 'table-merge':
    case 'foreign-key-subscribe':
    case 'foreign-key-subscriptions':
    case 'foreign-key-rows':
    case 'foreign-key-join':
    case 'foreign-key-result':
      return tableUse(spec, source.key)
    case 'merge':
    case 'to-stream':
      return { readsKey: false, readsValue: false, keepsKey: true, keepsValue: true }
    default:
      return assertNever(spec)
  }
}
