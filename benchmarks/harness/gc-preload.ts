/**
 * `node --import gc-preload.js`: each thread keeps a small file in the folder of `BENCH_GC` with
 * the time that it has spent collecting garbage, rewritten four times a second, so that it is there
 * however the process ends.
 */
import { openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { PerformanceObserver } from 'node:perf_hooks'
import { threadId } from 'node:worker_threads'

const folder = process.env['BENCH_GC']
const everyMs = 250
const lineBytes = 24

if (folder !== undefined) {
  let pausedMs = 0
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) pausedMs += entry.duration
  }).observe({ entryTypes: ['gc'] })
  const file = openSync(join(folder, `gc-${process.pid}-${threadId}`), 'w')
  setInterval(() => writeSync(file, pausedMs.toFixed(1).padStart(lineBytes), 0), everyMs).unref()
}
