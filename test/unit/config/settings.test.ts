import { expect, test } from '@jest/globals'
import { fetchWaitMs } from '../../../src/config/cross-checks.ts'
import { resolveSettings } from '../../../src/config/settings.ts'

test('a default holds where nothing is said, in milliseconds and bytes', () => {
  const settings = resolveSettings({})
  expect(settings.commitInterval).toBe(100)
  expect(settings.epochBytesMax).toBe(12 * 1024 * 1024)
  expect(settings.brokers).toEqual(['localhost:9092'])
  expect(settings.applicationId).toBeUndefined()
  expect(fetchWaitMs(settings)).toBe(50)
})

test('flags win over the environment, and the environment over the file', () => {
  const file = { path: 'millrace.config.yaml', values: { commitInterval: '1s', threads: 2 } }
  const environment = { MILLRACE_COMMIT_INTERVAL: '200', MILLRACE_BROKERS: 'a:1, b:2' }
  const filed = resolveSettings({ file })
  const both = resolveSettings({ file, environment })
  const all = resolveSettings({ file, environment, flags: { commitInterval: '50ms' } })
  expect([filed, both, all].map((s) => s.commitInterval)).toEqual([1000, 200, 50])
  expect(all.threads).toBe(2)
  expect(all.brokers).toEqual(['a:1', 'b:2'])
})

test('a wrong value is refused with its source and what would be right', () => {
  const environment = { MILLRACE_COMMIT_INTERVAL: 'soon', MILLRACE_THREADS: '0' }
  expect(() => resolveSettings({ environment })).toThrow(
    /OPTION_INVALID.*commitInterval = "soon" from MILLRACE_COMMIT_INTERVAL: expected a duration/,
  )
  expect(() => resolveSettings({ environment })).toThrow(
    /threads = 0 from MILLRACE_THREADS: expected a whole number from 1 to 64/,
  )
})

test('options take durations and sizes as topologies do: a number, or one with a unit', () => {
  const options = { commitInterval: '1.5s', epochBytesMax: '1.5MiB' } as const
  expect(resolveSettings({ options })).toMatchObject({
    commitInterval: 1500,
    epochBytesMax: 1.5 * 1024 * 1024,
  })
  for (const wrong of ['5 s', '5', '5S', 's', '1e3ms', '1constructor']) {
    const file = { path: 'x.yaml', values: { commitInterval: wrong, epochBytesMax: wrong } }
    const message = `commitInterval = "${wrong}" from x.yaml: expected a duration`
    expect(() => resolveSettings({ file })).toThrow(message)
    expect(() => resolveSettings({ file })).toThrow(`epochBytesMax = "${wrong}"`)
  }
})

test('an unknown name is refused, with the name that was probably meant', () => {
  const file = { path: 'x.yaml', values: { commitIntervalMs: 5 } }
  expect(() => resolveSettings({ file })).toThrow(
    /unknown option commitIntervalMs in x.yaml \(did you mean commitInterval\?\)/,
  )
  const environment = { MILLRACE_COMIT_INTERVAL: '5' }
  expect(() => resolveSettings({ environment })).toThrow(/unknown option MILLRACE_COMIT_INTERVAL/)
})

test('options that contradict each other are refused with both sources', () => {
  const options = { transactionTimeout: '1s', commitInterval: '2s' } as const
  expect(() => resolveSettings({ options })).toThrow(
    /transactionTimeout must be longer than commitInterval.*transactionTimeout from options/,
  )
  expect(() => resolveSettings({ options: { heartbeatInterval: 5000 } })).toThrow(
    /heartbeatInterval must be at most a third of sessionTimeout.*sessionTimeout from default/,
  )
})

test('a secret is not printed when it is wrong', () => {
  const environment = { MILLRACE_SASL: '{"mechanism":"plain","password":"hunter2"}' }
  expect(() => resolveSettings({ environment })).toThrow(/sasl = \(secret\)/)
})
