/** Counters, gauges and histograms in typed arrays. */
import type { Counter, Gauge, Histogram, Labels, Metrics } from './port.ts'
import { type MetricFamily, type MetricKind, type Sample, prometheusText } from './prometheus.ts'

interface Series {
  readonly labels: Labels
  readonly cells: Float64Array
}

interface Family {
  readonly kind: MetricKind
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

  /** All families now, as data that may go to another thread. */
  families(): readonly MetricFamily[] {
    return Array.from(this.#families, ([name, { kind, help, series }]) => ({
      name,
      kind,
      help,
      samples: Array.from(series.values()).flatMap((one) => samples(name, kind, one)),
    }))
  }

  /** Prometheus text exposition format 0.0.4. */
  prometheusText(): string {
    return prometheusText([this.families()])
  }

  #series(name: string, kind: MetricKind, help: string, labels: Labels, cells: number): Series {
    const family = this.#families.get(name) ?? { kind, help, series: new Map<string, Series>() }
    this.#families.set(name, family)
    const key = JSON.stringify(Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1)))
    const series = family.series.get(key) ?? { labels, cells: new Float64Array(cells) }
    family.series.set(key, series)
    return series
  }
}

function values(name: string, kind: MetricKind, { labels, cells }: Series): readonly MetricValue[] {
  if (kind !== 'histogram') return [{ name, labels, value: cells[0] ?? 0 }]
  return [
    { name: `${name}_sum`, labels, value: cells[buckets] ?? 0 },
    { name: `${name}_count`, labels, value: cells[buckets + 1] ?? 0 },
  ]
}

function samples(name: string, kind: MetricKind, series: Series): readonly Sample[] {
  const plain = values(name, kind, series)
  if (kind !== 'histogram') return plain
  let seen = 0
  const bounds = Array.from({ length: buckets }, (_, i) => {
    seen += series.cells[i] ?? 0
    const le = i === buckets - 1 ? '+Inf' : String(lowestBound * 2 ** i)
    return { name: `${name}_bucket`, labels: { ...series.labels, le }, value: seen }
  })
  return [...bounds, ...plain]
}
