import { expect, test } from '@jest/globals'
import { TaskBench } from '../../support/task-bench.ts'
import { string, topology } from '../../../src/index.ts'
import type { Emit } from '../../../src/operators/spec.ts'
import { planTopology } from '../../../src/plan/plan-topology.ts'

const repartition = 'test-by-word-repartition'

function wordCount(emit: Emit = 'update') {
  return planTopology(
    topology('test', (t) => {
      t.stream('lines', { value: string })
        .flatMapValues((line) => line.toLowerCase().split(' '))
        .groupBy('by-word', (word) => word, { key: string })
        .count('counts', { emit })
        .to('word-counts')
    }),
  )
}
const changelog = 'test-counts-changelog'

test('the first sub-topology writes each word as a key without its value', () => {
  const bench = new TaskBench(wordCount(), 0).start()
  bench.send('lines', { value: 'To be or not to be', timestamp: 7 })
  expect(bench.run()).toBe(1)
  const words = bench.read(repartition)
  expect(words.map(([word]) => word)).toEqual(['to', 'be', 'or', 'not', 'to', 'be'])
  expect(words.every(([, value]) => value === '')).toBe(true)
  expect(bench.output.open(repartition, 0).records.every((r) => r.timestamp === 7)).toBe(true)
})

test('counts go out at each update and once per key and epoch to the changelog', () => {
  const bench = new TaskBench(wordCount(), 1).start()
  bench.send(repartition, ...['to', 'be', 'to'].map((key) => ({ key, value: '' })))
  bench.run()
  expect(bench.counts('word-counts')).toEqual([
    ['to', 1],
    ['be', 1],
    ['to', 2],
  ])
  expect(bench.counts(changelog)).toEqual([])
  const [position] = bench.commit()
  expect(position).toMatchObject({ topic: repartition, offset: 3 })
  expect(bench.counts(changelog)).toEqual([
    ['to', 2],
    ['be', 1],
  ])
})

test('with emit commit only the last count of a key and epoch goes out', () => {
  const bench = new TaskBench(wordCount('commit'), 1).start()
  bench.send(repartition, ...['to', 'be', 'to'].map((key) => ({ key, value: '' })))
  bench.run()
  expect(bench.counts('word-counts')).toEqual([])
  bench.commit()
  expect(bench.counts('word-counts')).toEqual([
    ['to', 2],
    ['be', 1],
  ])
})

test('a rollback goes back over both unsettled epochs to the committed counts', () => {
  const bench = new TaskBench(wordCount(), 1).start()
  const send = () => bench.send(repartition, { key: 'mill', value: '' })
  send()
  bench.run()
  const committed = bench.commit()
  send()
  bench.run()
  bench.cut()
  send()
  bench.run()
  expect(bench.task.store('counts').get('mill')).toBe(3)
  expect(bench.task.store('counts').get('mill', 'committed')).toBe(1)
  bench.task.rollback()
  expect(bench.task.store('counts').get('mill')).toBe(1)
  bench.task.start(committed, 0)
  bench.fetch(repartition, 1)
  bench.run()
  expect(bench.task.store('counts').get('mill')).toBe(3)
})

test('while an epoch commits, the next one counts on', () => {
  const bench = new TaskBench(wordCount(), 1).start()
  bench.send(repartition, { key: 'mill', value: '' })
  bench.run()
  const first = bench.cut()
  bench.send(repartition, { key: 'mill', value: '' })
  bench.run()
  bench.task.committed(first.epoch, new Map())
  expect(bench.task.store('counts').get('mill', 'committed')).toBe(1)
  expect(bench.task.store('counts').get('mill')).toBe(2)
  bench.commit()
  expect(bench.task.store('counts').get('mill', 'committed')).toBe(2)
})

test('a new task restores its counts from the changelog', () => {
  const bench = new TaskBench(wordCount(), 1).start()
  bench.send(repartition, { key: 'mill', value: '' }, { key: 'race', value: '' })
  bench.run()
  const positions = bench.commit()
  const next = new TaskBench(wordCount(), 1, { output: bench.output }).start(positions)
  expect(next.task.store('counts').get('mill')).toBe(1)
  next.send(repartition, { key: 'mill', value: '' })
  next.run()
  expect(next.counts('word-counts').at(-1)).toEqual(['mill', 2])
})

test('a cut without work says that the task is clean', () => {
  const bench = new TaskBench(wordCount(), 1).start()
  expect(bench.task.dirty).toBe(false)
  bench.send(repartition, { key: 'mill', value: '' })
  bench.run()
  expect(bench.task.dirty).toBe(true)
  bench.commit()
  expect(bench.task.dirty).toBe(false)
})
