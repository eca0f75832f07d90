/** Counters, gauges and histograms in typed arrays, and their Prometheus text. */
import type { Counter, Gauge, Histogram, Labels, Metrics } from './port.ts'

type Kind = 'counter' | 'gauge' | 'histogram'

interface Series {
  readonly labels: Labels
  readonly cells: Float64Array
}

interface Family {
  readonly kind: Kind
  readonly help: string
  readonly series: Map<string, Series>
}

/** One value of a snapshot; histograms give their count, sum and maximum bound. */
export interface MetricValue {
  readonly name: string
  readonly labels: Labels
  readonly value: number
}

/**
 * Histogram buckets double from 2⁻⁴; the last is +Inf. Cells: one a bucket, then sum and count.
 */
const buckets = 24
const lowestBound = 1 / 16

export class MetricRegistry implements Metrics {
  readonly #families = new Map<string, Family>()

  counter(name: string, help: string, labels: Labels = {}): Counter {
    const { cells } = this.#series(name, 'counter', help, labels, 1)
    return {
      add: (amount = 1) => {
        cells[0] = (cells[0] ?? 0) + amount
      },
    }
  }

  gauge(name: string, help: string, labels: Labels = {}): Gauge {
    const { cells } = this.#series(name, 'gauge', help, labels, 1)
    return {
      set: (value) => {
        cells[0] = value
      },
    }
  }

  histogram(name: string, help: string, labels: Labels = {}): Histogram {
    const { cells } = this.#series(name, 'histogram', help, labels, buckets + 2)
    return {
      record: (value) => {
        const bucket = value <= lowestBound ? 0 : Math.ceil(Math.log2(value / lowestBound))
        const i = Math.min(bucket, buckets - 1)
        cells[i] = (cells[i] ?? 0) + 1
        cells[buckets] = (cells[buckets] ?? 0) + value
        cells[buckets + 1] = (cells[buckets + 1] ?? 0) + 1
      },
    }
  }

  /** All values now, sorted as they were registered. */
  snapshot(): readonly MetricValue[] {
    return Array.from(this.#families).flatMap(([name, family]) =>
      Array.from(family.series.values()).flatMap((series) => values(name, family.kind, series)),
    )
  }

  /** Prometheus text exposition format 0.0.4. */
  prometheusText(): string {
    const lines: string[] = []
    for (const [name, { kind, help, series }] of this.#families) {
      lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${kind}`)
      for (const one of series.values()) lines.push(...samples(name, kind, one))
    }
    return `${lines.join('\n')}\n`
  }

  #series(name: string, kind: Kind, help: string, labels: Labels, cells: number): Series {
    const family = this.#families.get(name) ?? { kind, help, series: new Map<string, Series>() }
    this.#families.set(name, family)
    const key = JSON.stringify(Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1)))
    const series = family.series.get(key) ?? { labels, cells: new Float64Array(cells) }
    family.series.set(key, series)
    return series
  }
}

function values(name: string, kind: Kind, { labels, cells }: Series): readonly MetricValue[] {
  if (kind !== 'histogram') return [{ name, labels, value: cells[0] ?? 0 }]
  return [
    { name: `${name}_sum`, labels, value: cells[buckets] ?? 0 },
    { name: `${name}_count`, labels, value: cells[buckets + 1] ?? 0 },
  ]
}

function samples(name: string, kind: Kind, series: Series): readonly string[] {
  const plain = values(name, kind, series).map(
    (sample) => `${sample.name}${labelText(sample.labels)} ${sample.value}`,
  )
  if (kind !== 'histogram') return plain
  let seen = 0
  const bounds = Array.from({ length: buckets }, (_, i) => {
    seen += series.cells[i] ?? 0
    const le = i === buckets - 1 ? '+Inf' : String(lowestBound * 2 ** i)
    return `${name}_bucket${labelText({ ...series.labels, le })} ${seen}`
  })
  return [...bounds, ...plain]
}

function labelText(labels: Labels): string {
  const escaped = (text: string) =>
    text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}
