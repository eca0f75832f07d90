/** Millrace as users run it: `millrace run` with default settings. */
import { join } from 'node:path'
import { projectRoot } from '../../cluster/root.ts'
import { nodeGc } from '../harness/gc-time.ts'
import { workloads } from '../workloads/index.ts'
import type { Engine, SubjectRun } from './subject.ts'

const main = join(projectRoot, 'dist/src/main.js')
const topologies = join(projectRoot, 'dist/benchmarks/subjects/topologies')

export const millrace: Engine = {
  name: 'millrace',
  stores: ['memory', 'lmdb'],
  workloads: workloads.map(({ name }) => name),
  prepare: () =>
    Promise.resolve({
      command: (run) => ({
        program: process.execPath,
        args: [...nodeFlags(run), main, 'run', topologyOf(run), ...flags(run)],
        env: { ...nodeGc.environment(run.gcDirectory), ...topicNames(run) },
      }),
    }),
}

/** The setting `node=max-semi-space-size=64` is Node's own `--max-semi-space-size=64`. */
function nodeFlags({ settings }: SubjectRun): readonly string[] {
  const flag = settings['node']
  return flag === undefined ? nodeGc.flags : [...nodeGc.flags, `--${flag}`]
}

function topologyOf({ workload }: SubjectRun): string {
  return join(topologies, `${workload}.js`)
}

function flags(run: SubjectRun): readonly string[] {
  const { node: _, ...others } = run.settings
  const settings = {
    brokers: run.brokers,
    'state-dir': run.stateDirectory,
    'commit-interval': `${run.commitMs}ms`,
    threads: String(run.threads),
    'state-backend': run.store,
    'log-level': 'warn',
    ...others,
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
