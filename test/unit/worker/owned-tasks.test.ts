import { expect, test } from '@jest/globals'
import { OwnedTasks } from '../../../src/worker/owned-tasks.ts'
import { FakeFetcher, FakeTask, fetched, owned, positionsOf } from './fakes.ts'

/** Tasks that run, on a clock that a chunk of records moves by a millisecond. */
function running(count: number) {
  const clock = { ms: 0, now: () => clock.ms, monotonic: () => clock.ms }
  const fetcher = new FakeFetcher()
  const tasks = new OwnedTasks(fetcher, 1000)
  const fakes = Array.from({ length: count }, (_, i) => new FakeTask(i, () => clock.ms++))
  for (const fake of fakes) {
    const one = owned(fake)
    tasks.add(one)
    tasks.start(one, positionsOf(fake, 7), 0)
  }
  return { tasks, fakes, fetcher, clock }
}

test('a slice is shared by time: a task with much to do leaves room for the others', () => {
  const { tasks, fakes, clock } = running(2)
  for (const fake of fakes) fake.work = 1_000_000
  tasks.step(clock, 10, 1e9, 0)
  const done = fakes.map((fake) => 1_000_000 - fake.work)
  expect(done[0]).toBe(done[1])
  expect(clock.ms).toBe(10)
})

test('what a slice leaves undone is first in the next one', () => {
  const { tasks, fakes, clock } = running(3)
  for (const fake of fakes) fake.work = 1_000_000
  tasks.step(clock, 2, 1e9, 0)
  expect(fakes.map((fake) => fake.work < 1_000_000)).toEqual([true, true, false])
  tasks.step(clock, 1, 1e9, 0)
  expect(fakes.map((fake) => fake.work < 1_000_000)).toEqual([true, true, true])
})

test('a slice ends when no task has anything to do, or the epoch is full', () => {
  const { tasks, fakes, clock } = running(2)
  for (const fake of fakes) fake.work = 100
  expect(tasks.step(clock, 10, 1e9, 0)).toBe(200)
  expect(tasks.step(clock, 10, 1e9, 0)).toBe(0)
  for (const fake of fakes) fake.work = 10_000
  expect(tasks.step(clock, 1000, 512, 0)).toBeLessThanOrEqual(512 + 256)
})

test('an input with enough queued is paused, and resumed below half', () => {
  const { tasks, fakes, fetcher, clock } = running(1)
  const [fake] = fakes
  if (fake === undefined) return
  fake.queued = 1001
  tasks.offer([fetched(0, 50)])
  expect(fetcher.calls).toEqual(['assign in-0 at 7', 'pause in-0'])
  fake.queued = 501
  tasks.step(clock, 1, 1, 0)
  expect(fetcher.calls).not.toContain('resume in-0')
  fake.queued = 500
  tasks.step(clock, 1, 1, 0)
  expect(fetcher.calls.at(-1)).toBe('resume in-0')
})

test('batches of a task that was given back are nobody’s', () => {
  const { tasks, fakes, fetcher } = running(2)
  const [first] = tasks.all
  if (first !== undefined) tasks.remove(first)
  tasks.offer([fetched(0, 50), fetched(1, 60)])
  expect(fakes.map((fake) => fake.calls)).toEqual([
    ['start at 7', 'close'],
    ['start at 7', 'offer to 60'],
  ])
  expect(fetcher.calls).toContain('remove in-0')
  expect(first?.abort.signal.aborted).toBe(true)
})
