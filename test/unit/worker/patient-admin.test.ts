import { expect, test } from '@jest/globals'
import { type Recovery, StreamError } from '../../../src/model/errors.ts'
import { VirtualEnv } from '../../../src/testing/virtual-env.ts'
import { patientAdmin } from '../../../src/worker/patient-admin.ts'
import { fakeAdmin } from './fakes.ts'

function failing(times: number, recovery: Recovery) {
  const env = new VirtualEnv()
  let asked = 0
  const admin = fakeAdmin({
    openTransactions: async (prefix) => {
      asked += 1
      if (asked <= times)
        throw new StreamError('BROKER_UNREACHABLE', 'away', { domain: 'external', recovery })
      return [`${prefix}1`]
    },
  })
  const end = new AbortController()
  const patient = patientAdmin(admin, env, env.logger, 5000, end.signal)
  return { env, end, admin: patient, attempts: () => asked }
}

test('a question that fails for a reason that passes is asked again', async () => {
  const { env, admin, attempts } = failing(3, 'refresh')
  expect(await env.run(admin.openTransactions('app-'))).toEqual(['app-1'])
  expect(attempts()).toBe(4)
  expect(env.clock.monotonic()).toBe(700)
})

test('another reason is final at once, and any reason after the limit', async () => {
  const refused = failing(1, 'fatal')
  await expect(refused.env.run(refused.admin.openTransactions('app-'))).rejects.toThrow(
    'BROKER_UNREACHABLE',
  )
  const late = failing(1000, 'retry')
  await expect(late.env.run(late.admin.openTransactions('app-'))).rejects.toThrow(
    'BROKER_UNREACHABLE',
  )
  expect(late.env.clock.monotonic()).toBeGreaterThanOrEqual(5000)
  expect(late.attempts()).toBeLessThan(20)
})

test('nothing is asked again once the worker has ended', async () => {
  const { env, end, admin, attempts } = failing(1000, 'refresh')
  const asking = expect(admin.openTransactions('app-')).rejects.toThrow('BROKER_UNREACHABLE')
  await env.advance(350)
  const before = attempts()
  end.abort()
  await asking
  expect(env.clock.monotonic()).toBe(350)
  expect(attempts() - before).toBeLessThanOrEqual(1)
})
