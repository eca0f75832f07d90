import { assertNever } from '../model/errors.ts'
import type { Topology } from '../topology/nodes.ts'
import { mermaid } from './mermaid.ts'
import { type Outline, type OutlineStep, outlineOf, storesText } from './outline.ts'
import { planTopology } from './plan-topology.ts'
import { table } from './table-text.ts'

export type DescribeFormat = 'text' | 'mermaid' | 'json'

/**
 * Draws a topology as its sub-topologies, their operators in order of execution, and the topics
 * between them.
 */
export function describe(topology: Topology, format: DescribeFormat = 'text'): string {
  const outline = outlineOf(planTopology(topology))
  switch (format) {
    case 'text':
      return text(outline)
    case 'mermaid':
      return mermaid(outline)
    case 'json':
      return `${JSON.stringify(outline, undefined, 2)}\n`
    default:
      return assertNever(format)
  }
}

function text({ topology, subTopologies, globalTables = [] }: Outline): string {
  const parts = subTopologies.map(({ index, steps }) => [
    '',
    `Sub-topology ${index}`,
    ...table(steps.map((step) => [step.name, step.kind, origin(step)])),
  ])
  const globals = globalTables.map(({ name, reads }) => [name, `reads ${reads}, on every worker`])
  const all = globals.length === 0 ? [] : ['', 'Global tables', ...table(globals)]
  return `${[`Topology ${topology}`, ...parts.flat(), ...all].join('\n')}\n`
}

function origin(step: OutlineStep): string {
  const { from, reads, writes, stores, window, looksUp, deadLetters } = step
  const inputs = from.map(({ step: input, branch }) =>
    branch === undefined ? input : `${input}.${branch}`,
  )
  return [
    ...(inputs.length > 0 ? [`from ${inputs.join(', ')}`] : []),
    ...(reads === undefined ? [] : [`reads ${reads.join(', ')}`]),
    ...(writes === undefined ? [] : [`writes ${writes.join(' or ')}`]),
    ...(stores === undefined ? [] : [storesText(stores)]),
    ...(window === undefined ? [] : [window]),
    ...(looksUp === undefined ? [] : [`looks up ${looksUp.join(', ')}`]),
    ...(deadLetters === undefined ? [] : [`dead letters to ${deadLetters}`]),
  ].join('; ')
}
