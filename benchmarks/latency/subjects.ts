/** The engines under test: a command for each, over topics that the cell made. */
import { join } from 'node:path'
import { projectRoot } from '../../cluster/root.ts'

export interface Subject {
  readonly name: string
  /** Empty: none; the reader reads what the generator wrote, which is what the harness costs. */
  readonly command: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** Whether its output has the order of the input within a partition. */
  readonly ordered: boolean
}

export interface SubjectPlace {
  readonly brokers: string
  readonly input: string
  readonly output: string
  readonly commitMs: number
  /** Directory of Apache Kafka's jars. */
  readonly jars: string
  /** Directory for state, empty. */
  readonly scratch: string
}

export const subjects: Readonly<Record<string, (place: SubjectPlace) => Subject>> = {
  none: () => ({ name: 'no engine', command: [], env: {}, ordered: true }),
  loop: copyLoop,
  passthrough: (place) => millrace('passthrough', place),
  count: (place) => millrace('count', place),
}

function copyLoop({ brokers, input, output, commitMs, jars }: SubjectPlace): Subject {
  const source = join(projectRoot, 'benchmarks/bound/CopyLoop.java')
  const java = ['-Xmx512m', '-Dorg.slf4j.simpleLogger.defaultLogLevel=error']
  const args = [brokers, input, output, output, String(commitMs)]
  const command = ['java', ...java, '-cp', join(jars, '*'), source, ...args]
  return { name: 'Java copy loop', command, env: {}, ordered: true }
}

function millrace(topology: string, place: SubjectPlace): Subject {
  const { brokers, input, output, commitMs, scratch } = place
  const file = join(projectRoot, 'dist/benchmarks/subjects', `${topology}.js`)
  const flags = ['--brokers', brokers, '--state-dir', scratch, '--commit-interval', `${commitMs}ms`]
  const main = join(projectRoot, 'dist/src/main.js')
  return {
    name: `Millrace ${topology}`,
    command: [process.execPath, '--no-warnings', ...profiling(), main, 'run', file, ...flags],
    env: { BENCH_APPLICATION: output, BENCH_INPUT: input, BENCH_OUTPUT: output },
    ordered: true,
  }
}

/** `BENCH_NODE_FLAGS`: further flags of Node.js for the engine, `--cpu-prof` say. */
function profiling(): readonly string[] {
  return (process.env['BENCH_NODE_FLAGS'] ?? '').split(' ').filter((flag) => flag !== '')
}
