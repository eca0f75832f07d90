import { expect, test } from '@jest/globals'
import { sideBySide } from '../../../benchmarks/harness/side-by-side.ts'
import { bareLoop } from '../../../benchmarks/subjects/bare-loop.ts'
import { parseSubject, type SubjectRun } from '../../../benchmarks/subjects/subject.ts'

test('a subject is an engine with its store, threads and processes in any order', () => {
  const plain = { engine: 'millrace', store: undefined, threads: 1, processes: 1, settings: {} }
  expect(parseSubject('millrace')).toEqual(plain)
  expect(parseSubject('millrace+2')).toEqual({ ...plain, threads: 2 })
  expect(parseSubject('millrace+x2')).toEqual({ ...plain, processes: 2 })
  expect(parseSubject('millrace+x3+lmdb+2')).toEqual({
    ...plain,
    store: 'lmdb',
    threads: 2,
    processes: 3,
  })
})

const run: SubjectRun = {
  workload: 'count',
  brokers: 'a:1,b:2',
  application: 'group',
  inputs: { events: 'in' },
  output: 'out',
  partitions: 5,
  commitMs: 100,
  threads: 1,
  part: { index: 0, of: 1 },
  store: 'none',
  settings: {},
  stateDirectory: '',
  gcDirectory: '',
}

test('bare loops side by side divide the partitions among them', async () => {
  const loop = await bareLoop.prepare({ brokers: '', scratch: '', say: () => undefined })
  const partitionsOf = (index: number, of: number) =>
    loop.command({ ...run, part: { index, of } }).args.at(-1)
  expect([partitionsOf(0, 1), partitionsOf(0, 2), partitionsOf(1, 2)]).toEqual([
    '0,1,2,3,4',
    '0,2,4',
    '1,3',
  ])
})

test('one process is run as it is, several as the children of one', () => {
  const one = { program: 'node', args: ['a.js'] }
  expect(sideBySide([one])).toBe(one)
  const both = sideBySide([one, one])
  expect(both.program).toBe(process.execPath)
  expect(JSON.parse(both.args.at(-1) ?? '')).toEqual([one, one])
})
