/** The bare TypeScript loop of `bound/`: what the language allows. */
import { join } from 'node:path'
import { projectRoot } from '../../cluster/root.ts'
import { nodeGc } from '../harness/gc-time.ts'
import type { Engine, SubjectRun } from './subject.ts'

const loop = join(projectRoot, 'dist/benchmarks/bound/count-loop.js')

export const bareLoop: Engine = {
  name: 'bare-loop',
  stores: [],
  workloads: ['forward', 'count'],
  prepare: () =>
    Promise.resolve({
      command: (run) => ({
        program: process.execPath,
        args: [...nodeGc.flags, loop, ...programArgs(run)],
        env: nodeGc.environment(run.gcDirectory),
      }),
    }),
}

function programArgs(run: SubjectRun): readonly string[] {
  const { brokers, inputs, output, application, commitMs, workload, partitions, part } = run
  const [broker = ''] = brokers.split(',')
  const args = [broker, inputs['events'] ?? '', output, application, String(commitMs), workload]
  // It has no group that would divide them.
  const own = Array.from({ length: partitions }, (_, i) => i).filter(
    (partition) => partition % part.of === part.index,
  )
  return [...args, own.join(',')]
}
