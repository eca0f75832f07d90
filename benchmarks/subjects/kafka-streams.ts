/**
 * Kafka Streams, exactly once. Its settings are those of the copy loop, and a linger as long as the
 * commit interval, with which it counted faster than with 5 ms (README, "Peers").
 */
import { jarsOf } from '../../cluster/jars.ts'
import { kafkaVersion } from '../../cluster/kafka.ts'
import { compileJava, javaCommand } from './java.ts'
import { workloads } from '../workloads/index.ts'
import type { Engine, SubjectRun } from './subject.ts'

const source = 'benchmarks/subjects/kafka-streams/StreamsBench.java'
const pom = 'benchmarks/subjects/kafka-streams/pom.xml'
const jvm = ['-Xms1g', '-Xmx1g']

const settings: Readonly<Record<string, string>> = {
  // Each update goes out; with the cache only the last of a commit does.
  'statestore.cache.max.bytes': '0',
  'replication.factor': '1',
  // A table's source topic is its changelog.
  'topology.optimization': 'all',
  'buffered.records.per.partition': '10000',
  'main.consumer.max.poll.records': '10000',
  'main.consumer.fetch.max.bytes': '16777216',
  'main.consumer.max.partition.fetch.bytes': '4194304',
  'producer.linger.ms': '100',
  'producer.batch.size': '262144',
  'producer.buffer.memory': '67108864',
}

/** Workloads that tell the last of a key and commit, which takes a cache as large as all keys. */
const cached = ['count-at-commit', 'nexmark-q18']

/**
 * For queries that tell final results: with large fetches the partitions of a backlog get so far
 * out of step that records come later than 10 s by event time.
 */
const inStep: Readonly<Record<string, string>> = {
  'buffered.records.per.partition': '1000',
  'main.consumer.max.poll.records': '1000',
  'main.consumer.max.partition.fetch.bytes': '262144',
}
const final = ['nexmark-q5', 'nexmark-q7', 'nexmark-q8', 'nexmark-q11']

export const kafkaStreams: Engine = {
  name: 'kafka-streams',
  stores: ['memory', 'rocksdb'],
  // A map that changes nothing is measured of Millrace alone.
  workloads: workloads.map(({ name }) => name).filter((name) => name !== 'chain'),
  async prepare({ scratch, say }) {
    const name = `kafka-streams-${kafkaVersion}`
    const jars = await jarsOf({ name, pom }, process.env, say)
    const program = await compileJava(source, jars, scratch)
    return {
      command: (run) => javaCommand(program, run, jvmOf(run), programArgs(run)),
    }
  },
}

function programArgs(run: SubjectRun): readonly string[] {
  const { workload, brokers, application, output, threads, store, commitMs } = run
  const what = [workload, brokers, application, output, threads, store, commitMs]
  const topics = Object.entries(run.inputs).map(([role, topic]) => `topic.${role}=${topic}`)
  const cache = cached.includes(workload) ? { 'statestore.cache.max.bytes': '268435456' } : {}
  const fetches = final.includes(workload) ? inStep : {}
  const { jvm: _, ...others } = run.settings
  const properties = Object.entries({ ...settings, ...cache, ...fetches, ...others }).map(
    ([name, value]) => `${name}=${value}`,
  )
  return [...what.map(String), run.stateDirectory, ...topics, ...properties]
}

/** The setting `jvm=UseParallelGC` is `-XX:+UseParallelGC`. */
function jvmOf({ settings }: SubjectRun): readonly string[] {
  const flag = settings['jvm']
  return flag === undefined ? jvm : [...jvm, `-XX:+${flag}`]
}
