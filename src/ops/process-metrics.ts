/** What the operating system and Node.js know of this process, in the names that are usual. */
import type { MetricFamily } from '../env/prometheus.ts'

export function processMetrics(): readonly MetricFamily[] {
  const memory = process.memoryUsage()
  const { user, system } = process.cpuUsage()
  const startSeconds = Math.round(performance.timeOrigin / 1000)
  return [
    one('process_cpu_seconds_total', 'counter', 'CPU time, all threads', (user + system) / 1e6),
    one('process_resident_memory_bytes', 'gauge', 'Resident memory', memory.rss),
    one('process_start_time_seconds', 'gauge', 'Start, seconds since 1970', startSeconds),
    one('nodejs_heap_used_bytes', 'gauge', 'Heap in use, main thread', memory.heapUsed),
    one('nodejs_external_memory_bytes', 'gauge', 'Memory outside the heap', memory.external),
  ]
}

function one(name: string, kind: MetricFamily['kind'], help: string, value: number): MetricFamily {
  return { name, kind, help, samples: [{ name, labels: {}, value }] }
}
