import { assertNever } from '../model/errors.ts'
import type { OperatorSpec } from '../operators/spec.ts'
import { storesOf } from '../operators/stores.ts'
import type { Plan, PlanStep } from './plan.ts'
import { policyOf } from './policy.ts'
import { timesText } from './window-text.ts'

/** A plan as plain data without functions: what `describe` draws, and its JSON. */
export interface Outline {
  readonly topology: string
  readonly fingerprint: string
  readonly subTopologies: readonly {
    readonly index: number
    readonly steps: readonly OutlineStep[]
  }[]
  /** Tables of which every worker has all; left out where there is none. */
  readonly globalTables?: readonly { readonly name: string; readonly reads: string }[]
}

export interface OutlineStep {
  readonly name: string
  /** `source`, `sink`, or the kind of operator: `map-values`, `count`, … */
  readonly kind: string
  readonly from: readonly { readonly step: string; readonly branch?: string }[]
  readonly reads?: readonly string[]
  /** Several: each record goes to one of them. */
  readonly writes?: readonly string[]
  readonly stores?: readonly string[]
  /** The windows of a windowed store, in words. */
  readonly window?: string
  /** Stores of other steps that it looks up. */
  readonly looksUp?: readonly string[]
  /** Topic for records that it cannot process. */
  readonly deadLetters?: string
}

export function outlineOf(plan: Plan): Outline {
  const globalTables = plan.globalTables.map(({ name, sourceTopic: reads = name }) => ({
    name,
    reads,
  }))
  return {
    ...(globalTables.length === 0 ? {} : { globalTables }),
    topology: plan.application,
    fingerprint: plan.fingerprint,
    subTopologies: plan.subTopologies.map(({ index, steps }) => ({
      index,
      steps: steps.map((step) => outlineStep(step, steps)),
    })),
  }
}

function outlineStep(step: PlanStep, steps: readonly PlanStep[]): OutlineStep {
  const { name } = step
  const from = step.inputs.map(({ node, port }) => {
    const input = steps[node]
    const branch = input === undefined ? undefined : branchName(input, port)
    return { step: input?.name ?? '', ...(branch === undefined ? {} : { branch }) }
  })
  const policy = policyOf(step)
  const dead = typeof policy === 'object' ? { deadLetters: policy.deadLetter } : {}
  switch (step.kind) {
    case 'source': {
      const { topics, pattern } = step.source
      const reads = pattern === undefined ? topics : [String(pattern)]
      return { name, kind: 'source', from, reads, ...dead }
    }
    case 'sink':
      return { name, kind: 'sink', from, writes: step.spec.topics, ...dead }
    case 'operator': {
      const { spec } = step
      const names = storesOf(spec).map(({ name: store }) => store)
      const stores = names.length === 0 ? {} : { stores: names }
      const text = timesText(spec)
      const window = text === undefined ? {} : { window: text }
      const looked =
        spec.kind === 'global-join'
          ? [spec.table]
          : step.lookups.map(({ node }) => steps[node]?.name ?? '')
      const looksUp = looked.length > 0 ? { looksUp: looked } : {}
      return { name, kind: kindOf(spec), from, ...stores, ...window, ...looksUp, ...dead }
    }
    default:
      return assertNever(step)
  }
}

function kindOf(spec: OperatorSpec): string {
  if (spec.kind === 'aggregate') return spec.function.kind
  if (spec.kind === 'table-aggregate') return `table-${spec.function.kind}`
  if (spec.kind === 'windowed-aggregate') return `windowed-${spec.function.kind}`
  if (spec.kind === 'session-aggregate') return `session-${spec.function.kind}`
  if (spec.kind === 'sliding-aggregate') return `sliding-${spec.function.kind}`
  if (spec.kind === 'join') return spec.side === 'left' ? 'left-join' : 'join'
  if (spec.kind === 'stream-join') {
    return spec.side === 'inner' ? 'stream-join' : `${spec.side}-stream-join`
  }
  return spec.kind
}

function branchName(input: PlanStep, port: number): string | undefined {
  if (input.kind !== 'operator') return undefined
  if (input.spec.kind === 'process') return input.spec.sides[port - 1]?.name
  if (input.spec.kind !== 'split') return undefined
  return input.spec.branches[port]?.name
}

/** `store counts`; `stores a, b` of an operator with several. */
export function storesText(stores: readonly string[]): string {
  return `${stores.length === 1 ? 'store' : 'stores'} ${stores.join(', ')}`
}
