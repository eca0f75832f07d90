/** Millrace as users run it: `millrace run` with default settings. */
import { join } from 'node:path'
import { projectRoot } from '../../cluster/root.ts'
import { nodeGc } from '../harness/gc-time.ts'
import type { Engine, SubjectRun } from './subject.ts'

const main = join(projectRoot, 'dist/src/main.js')
const topologies = join(projectRoot, 'dist/benchmarks/subjects/topologies')

export const millrace: Engine = {
  name: 'millrace',
  stores: ['memory', 'lmdb'],
  workloads: [
    'forward',
    'passthrough',
    'count',
    'count-at-commit',
    'windows',
    'table-join',
    'stream-join',
    'chain',
    'nexmark-q0',
    'nexmark-q1',
    'nexmark-q2',
  ],
  prepare: () =>
    Promise.resolve({
      command: (run) => ({
        program: process.execPath,
        args: [...nodeGc.flags, main, 'run', join(topologies, `${run.workload}.js`), ...flags(run)],
        env: { ...nodeGc.environment(run.gcDirectory), ...topicNames(run) },
      }),
    }),
}

function flags(run: SubjectRun): readonly string[] {
  const settings = {
    brokers: run.brokers,
    'state-dir': run.stateDirectory,
    'commit-interval': `${run.commitMs}ms`,
    threads: String(run.threads),
    'state-backend': run.store,
    'log-level': 'warn',
    ...run.settings,
  }
  return Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value])
}

/** Read by `topologies/run.ts`. */
function topicNames(run: SubjectRun): Record<string, string> {
  const inputs = Object.entries(run.inputs)
  return {
    BENCH_APPLICATION: run.application,
    BENCH_OUTPUT: run.output,
    ...Object.fromEntries(inputs.map(([role, topic]) => [`BENCH_${role.toUpperCase()}`, topic])),
  }
}
