import { expect, test } from '@jest/globals'
import { ReplacingSlot } from '../../../src/app/replacing-slot.ts'
import type { Slot, StopOptions } from '../../../src/app/slot.ts'
import type { StoreQuestion } from '../../../src/state/store-read.ts'
import { taskView, workerView } from '../ops/views.ts'
import { VirtualEnv } from '../../../src/testing/virtual-env.ts'

/** A worker that ends when it is told to. */
class FakeSlot implements Slot {
  readonly done: Promise<void>
  readonly end: (error?: Error) => void
  stopped: StopOptions | undefined

  constructor() {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.done = promise
    this.end = (error) => (error === undefined ? resolve() : reject(error))
  }

  async stop(options: StopOptions): Promise<void> {
    this.stopped = options
    this.end()
  }

  view = async () => workerView([taskView(0)])
  ask = async () => ({ parts: [], silent: [] })
  places = async () => undefined
  metrics = async () => []
}

const question: StoreQuestion = {
  store: 's',
  read: { kind: 'get', key: new Uint8Array() },
  isolation: 'latest',
  partitions: undefined,
  staleMs: undefined,
}

function replaced({ replacesFailed = true } = {}) {
  const env = new VirtualEnv()
  const workers = [new FakeSlot()]
  const failures: Error[] = []
  const start = async () => {
    const failure = failures.shift()
    if (failure !== undefined) throw failure
    const worker = new FakeSlot()
    workers.push(worker)
    return worker
  }
  const { clock, timers, logger, metrics } = env
  const counter = metrics.counter('replaced', 'Workers')
  const [first] = workers
  if (first === undefined) throw new Error('there is a first one')
  const how = { replacesFailed, keepsName: true }
  const parts = { clock, timers, logger, replaced: counter, start, ...how }
  const slot = new ReplacingSlot(first, parts)
  return { env, workers, failures, slot }
}

test('a worker that fails is replaced after a second, the next one after two', async () => {
  const { env, workers } = replaced()
  workers[0]?.end(new Error('no luck'))
  await env.advance(999)
  expect(workers).toHaveLength(1)
  await env.advance(1)
  expect(workers).toHaveLength(2)
  workers[1]?.end(new Error('again'))
  await env.advance(1_999)
  expect(workers).toHaveLength(2)
  await env.advance(1)
  expect(workers).toHaveLength(3)
  expect(env.metrics.families()).toMatchObject([{ name: 'replaced' }])
})

test('one that has run for more than a minute begins with a second again', async () => {
  const { env, workers } = replaced()
  for (const at of [0, 1, 2]) {
    workers[at]?.end(new Error('no luck'))
    await env.advance(4_000)
  }
  await env.advance(60_001)
  workers[3]?.end(new Error('late'))
  await env.advance(1_000)
  expect(workers).toHaveLength(5)
})

test('a start that fails is tried again, and questions wait for one that does not', async () => {
  const { env, workers, failures, slot } = replaced()
  failures.push(new Error('no broker'))
  workers[0]?.end(new Error('no luck'))
  await env.advance(1_000)
  const answer = slot.ask(question)
  await env.advance(1_999)
  expect(workers).toHaveLength(1)
  await env.advance(1)
  expect(workers).toHaveLength(2)
  expect(await answer).toEqual({ parts: [], silent: [] })
})

test('a slot that is stopped between two workers ends without another one', async () => {
  const { env, workers, slot } = replaced()
  workers[0]?.end(new Error('no luck'))
  await env.advance(500)
  await slot.stop({})
  await slot.done
  await env.advance(10_000)
  expect(workers).toHaveLength(1)
})

test('a worker that ends by itself, or fails while it is stopped, is not replaced', async () => {
  const ended = replaced()
  await ended.slot.stop({})
  await ended.slot.done
  expect(ended.workers[0]?.stopped).toEqual({})
  const failed = replaced()
  const [worker] = failed.workers
  if (worker !== undefined) worker.stop = async () => worker.end(new Error('at the end'))
  await failed.slot.stop({})
  await expect(failed.slot.done).rejects.toThrow('at the end')
})

test('between two workers, the one that failed is seen as it was, without tasks', async () => {
  const { env, workers, slot } = replaced()
  expect(await slot.view()).toMatchObject({ phase: 'running', tasks: [{}] })
  workers[0]?.end(new Error('no luck'))
  await env.advance(500)
  expect(await slot.view()).toMatchObject({ phase: 'failed', tasks: [] })
  await env.advance(500)
  expect(await slot.view()).toMatchObject({ phase: 'running', tasks: [{}] })
})

test('a slot that is renewed has another worker at once, under the same name', async () => {
  const { env, workers, slot } = replaced({ replacesFailed: false })
  await slot.renew()
  await env.advance(0)
  expect(workers[0]?.stopped).toEqual({ restart: true })
  expect(workers).toHaveLength(2)
  workers[1]?.end(new Error('no luck'))
  await expect(slot.done).rejects.toThrow('no luck')
})

test('a slot that has been stopped is not renewed', async () => {
  const { env, workers, slot } = replaced()
  await slot.stop({})
  await slot.done
  await slot.renew()
  await env.advance(10_000)
  expect(workers).toHaveLength(1)
})
