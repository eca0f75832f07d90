/** Prometheus text exposition format 0.0.4 of metrics as data. */
import type { Labels } from './port.ts'

export type MetricKind = 'counter' | 'gauge' | 'histogram'

export interface Sample {
  readonly name: string
  readonly labels: Labels
  readonly value: number
}

/** One name with its help and all its samples. */
export interface MetricFamily {
  readonly name: string
  readonly kind: MetricKind
  readonly help: string
  readonly samples: readonly Sample[]
}

/** The same families with further labels; what a sample has of them stays. */
export function labelled(
  families: readonly MetricFamily[],
  labels: Labels,
): readonly MetricFamily[] {
  return families.map(({ samples, ...family }) => ({
    ...family,
    samples: samples.map((one) => ({ ...one, labels: { ...labels, ...one.labels } })),
  }))
}

/**
 * The format wants each name once, with all its samples behind it: what several registries have of
 * a name is put together.
 */
export function prometheusText(groups: readonly (readonly MetricFamily[])[]): string {
  const byName = Map.groupBy(groups.flat(), ({ name }) => name)
  const lines: string[] = []
  for (const [name, families] of byName) {
    const [first] = families
    if (first === undefined) continue
    lines.push(`# HELP ${name} ${escapedHelp(first.help)}`, `# TYPE ${name} ${first.kind}`)
    for (const { samples } of families) for (const sample of samples) lines.push(line(sample))
  }
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`
}

function line({ name, labels, value }: Sample): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`)
  return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}`
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}

function escapedHelp(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
}
