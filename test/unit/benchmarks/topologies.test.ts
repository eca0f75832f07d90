/**
 * What the topologies write, held against what the verifier of a measurement expects of it. Of
 * query 11 it takes many more events until a session ends.
 */
import { expect, test } from '@jest/globals'
import type { LoadShape } from '../../../benchmarks/load/events.ts'
import q3 from '../../../benchmarks/subjects/topologies/nexmark-q3.ts'
import q4 from '../../../benchmarks/subjects/topologies/nexmark-q4.ts'
import q5 from '../../../benchmarks/subjects/topologies/nexmark-q5.ts'
import q7 from '../../../benchmarks/subjects/topologies/nexmark-q7.ts'
import q8 from '../../../benchmarks/subjects/topologies/nexmark-q8.ts'
import q18 from '../../../benchmarks/subjects/topologies/nexmark-q18.ts'
import { run } from '../../../benchmarks/subjects/topologies/run.ts'
import shuffle from '../../../benchmarks/subjects/topologies/shuffle.ts'
import { workloadNamed } from '../../../benchmarks/workloads/index.ts'
import type { OutputRecord } from '../../../benchmarks/workloads/workload.ts'
import { bytes, type Topology } from '../../../src/index.ts'
import { TopologyTestDriver } from '../../../src/testing/driver/index.ts'

const shape: LoadShape = {
  records: 3_000,
  keys: 100,
  skew: 'uniform',
  valueBytes: 100,
  format: 'json',
  eventRate: 1_000,
}
const none = new Uint8Array(0)

function outputOf(topology: Topology, workload: string): readonly OutputRecord[] {
  const driver = new TopologyTestDriver(topology)
  for (const { role, records } of workloadNamed(workload).inputs(shape)) {
    const input = driver.input(role === 'nexmark' ? run.nexmark : run.records)
    for (const { key, value, timestamp } of records()) input.sendBytes({ key, value, timestamp })
  }
  driver.commit()
  return driver
    .output(run.output, { key: bytes, value: bytes })
    .readAll()
    .map(({ key, value, timestamp }) => {
      return { partition: 0, key: key ?? none, value: value ?? none, timestamp }
    })
}

function verdictOf(workload: string, output: readonly OutputRecord[]): string | undefined {
  const expectation = workloadNamed(workload).expectation(shape, 1)
  for (const record of output) expectation.take(record)
  return expectation.verdict()
}

test.each([
  ['nexmark-q3', q3],
  ['nexmark-q4', q4],
  ['nexmark-q5', q5],
  ['nexmark-q7', q7],
  ['nexmark-q8', q8],
  ['nexmark-q18', q18],
  ['shuffle', shuffle],
] as const)(
  'the output of %s is as expected; with other values or without any it is not',
  (name, of) => {
    const output = outputOf(of, name)
    expect(output.length).toBeGreaterThan(1)
    expect(verdictOf(name, output)).toBeUndefined()
    const changed = output.map((record) => ({ ...record, value: Buffer.from('7') }))
    expect(verdictOf(name, changed)).toBeDefined()
    expect(verdictOf(name, [])).toBeDefined()
  },
)
