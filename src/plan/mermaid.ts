import { type Outline, type OutlineStep, storesText } from './outline.ts'

/** A Mermaid flow chart: topics as cylinders, a box for each sub-topology. */
export function mermaid({ subTopologies, globalTables = [] }: Outline): string {
  const topics = new Map<string, string>()
  const topicId = (topic: string) => {
    const id = topics.get(topic) ?? `t${topics.size}`
    topics.set(topic, id)
    return id
  }
  const boxes: string[] = []
  const arrows: string[] = []
  for (const { index, steps } of subTopologies) {
    const ids = new Map(steps.map((step, at) => [step.name, `s${index}_${at}`]))
    const idOf = (name: string) => ids.get(name) ?? name
    boxes.push(`  subgraph sub${index} [Sub-topology ${index}]`)
    for (const step of steps) {
      boxes.push(`    ${idOf(step.name)}["${label(step)}"]`)
      for (const topic of step.reads ?? []) arrows.push(`${topicId(topic)} --> ${idOf(step.name)}`)
      for (const { step: input, branch } of step.from) {
        const line = branch === undefined ? '-->' : `-->|${branch}|`
        arrows.push(`${idOf(input)} ${line} ${idOf(step.name)}`)
      }
      for (const store of step.looksUp ?? []) {
        const owner = steps.find((other) => other.stores?.includes(store))
        const global = globalTables.find(({ name }) => name === store)
        if (global !== undefined) {
          arrows.push(`${topicId(global.reads)} -. looked up .-> ${idOf(step.name)}`)
          continue
        }
        arrows.push(`${idOf(owner?.name ?? store)} -. looked up .-> ${idOf(step.name)}`)
      }
      if (step.deadLetters !== undefined) {
        arrows.push(`${idOf(step.name)} -.-> ${topicId(step.deadLetters)}`)
      }
      for (const topic of step.writes ?? []) arrows.push(`${idOf(step.name)} --> ${topicId(topic)}`)
    }
    boxes.push('  end')
  }
  const cylinders = Array.from(topics, ([topic, id]) => `  ${id}[("${topic}")]`)
  const lines = ['flowchart TD', ...cylinders, ...boxes, ...arrows.map((arrow) => `  ${arrow}`)]
  return `${lines.join('\n')}\n`
}

function label({ name, kind, stores, window }: OutlineStep): string {
  const told = ['source', 'sink'].includes(kind) || name === kind || name.startsWith(`${kind}-`)
  const what = told ? name : `${name} (${kind})`
  const kept = stores === undefined ? what : `${what}<br/>${storesText(stores)}`
  return window === undefined ? kept : `${kept}<br/>${window}`
}
