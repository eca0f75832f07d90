import { expect, test } from '@jest/globals'
import { VirtualEnv } from '../../../src/testing/virtual-env.ts'

test('timers fire in the order of their time, and only when the clock gets there', async () => {
  const env = new VirtualEnv()
  const fired: string[] = []
  env.timers.after(20, () => fired.push(`b${env.clock.monotonic()}`))
  env.timers.after(10, () => fired.push(`a${env.clock.monotonic()}`))
  const cancel = env.timers.after(15, () => fired.push('never'))
  cancel()
  await env.advance(15)
  expect(fired).toEqual(['a10'])
  await env.advance(15)
  expect(fired).toEqual(['a10', 'b20'])
})

test('an aborted sleep ends at once', async () => {
  const env = new VirtualEnv()
  const abort = new AbortController()
  const sleep = env.timers.sleep(1000, abort.signal)
  abort.abort()
  await sleep
  expect(env.clock.monotonic()).toBe(0)
})

test('run goes from timer to timer until the promise is settled', async () => {
  const env = new VirtualEnv()
  const work = async () => {
    await env.timers.sleep(50)
    await env.timers.sleep(70)
    return env.clock.monotonic()
  }
  expect(await env.run(work())).toBe(120)
})

test('equal seeds give equal streams, and streams do not disturb each other', () => {
  const [a, b] = [new VirtualEnv(7), new VirtualEnv(7)]
  const other = a.random('other')
  other()
  const [one, two] = [a.random('x'), b.random('x')]
  expect([one(), one(), one()]).toEqual([two(), two(), two()])
  expect(a.random('x')()).not.toBe(a.random('y')())
})
