import { expect, test } from '@jest/globals'
import { check } from '../../../../src/kafka/client/failure.ts'
import { chooseVersion } from '../../../../src/kafka/client/versions.ts'
import { errorCode } from '../../../../src/kafka/protocol/error-codes.ts'
import { findCoordinator, listOffsets } from '../../../../src/kafka/protocol/messages/index.ts'
import { MalformedMessage } from '../../../../src/kafka/protocol/reader.ts'
import { WireError } from '../../../../src/kafka/wire.ts'
import { nodeId } from '../../../../src/model/ids.ts'
import { scriptedClient } from './scripted-client.ts'

const node = nodeId(1)
const message = { key: 'counts', coordinatorKeys: [] }
const noCoordinator = { nodeId: 1, host: '', port: 0, coordinators: [] }

test('the newest version that both sides have is spoken, within limits', async () => {
  const { wire, requests } = scriptedClient()
  wire.on(findCoordinator, () => noCoordinator).speaks(findCoordinator, { min: 0, max: 2 })
  await requests.send(findCoordinator, { node, message, timeoutMs: 100 })
  await requests.send(findCoordinator, { node, message, timeoutMs: 100, max: 1 })
  expect(wire.asked(findCoordinator).map(({ version }) => version)).toEqual([2, 1])
})

test('a version that the broker lacks, or has outgrown, is an error with both ranges', async () => {
  const { wire } = scriptedClient()
  const choose = async () => chooseVersion(findCoordinator, await wire.apiVersions(), node)
  wire.speaks(findCoordinator, { min: 7, max: 9 })
  await expect(choose()).rejects.toThrow(
    /API_VERSION_UNSUPPORTED: FindCoordinator: .*versions 7–9, this client 0–6.*node 1/,
  )
  wire.speaks(findCoordinator, undefined)
  await expect(choose()).rejects.toThrow(/the broker does not have it/)
  const stable = { min: 7 }
  wire.speaks(listOffsets, { min: 1, max: 6 })
  const versions = await wire.apiVersions()
  expect(() => chooseVersion(listOffsets, versions, node, stable)).toThrow(/1–6, this client 7–11/)
})

test('a step is run again, or refreshes first, where the error table says so', async () => {
  const { requests } = scriptedClient()
  const codes = [
    'COORDINATOR_LOAD_IN_PROGRESS',
    'NOT_COORDINATOR',
    'CONCURRENT_TRANSACTIONS',
  ] as const
  let refreshed = 0
  const rules = { doing: 'trying', timeoutMs: 5_000, backoffMs: 1, refresh: () => refreshed++ }
  const result = await requests.retrying(rules, async (_, attempt) => {
    const name = codes[attempt]
    if (name !== undefined) check(errorCode(name), 'trying')
    return attempt
  })
  expect(result).toBe(3)
  expect(refreshed).toBe(1)
})

test('an error that another attempt cannot help ends it at once', async () => {
  const { requests } = scriptedClient()
  let attempts = 0
  const failing = (code: number) =>
    requests.retrying({ doing: 'trying', timeoutMs: 5_000 }, async () => {
      attempts++
      check(code, 'trying', { topic: 'lines' })
    })
  await expect(failing(29)).rejects.toThrow(/KAFKA_TOPIC_AUTHORIZATION_FAILED: .*topic lines/)
  await expect(failing(12_345)).rejects.toThrow(/12345/)
  expect(attempts).toBe(2)
})

test('a lost connection is tried again, a refused login is not', async () => {
  const { requests } = scriptedClient()
  const rules = { doing: 'trying', timeoutMs: 5_000, backoffMs: 1 }
  const failures = [
    new WireError('closed', 'closed', true),
    new WireError('unreachable', 'gone', false),
    new WireError('authentication', 'broker-1:9092: wrong password', false),
  ]
  const run = requests.retrying(rules, (_, attempt) => Promise.reject(failures[attempt]))
  await expect(run).rejects.toThrow(/AUTHENTICATION_FAILED: trying: broker-1:9092: wrong password/)
})

test('retries end at the deadline with the last reason', async () => {
  const { requests } = scriptedClient()
  const rules = { doing: 'reading', timeoutMs: 30, backoffMs: 5 }
  const run = requests.retrying(rules, () =>
    Promise.reject(new WireError('unreachable', 'broker-1:9092: refused', false)),
  )
  await expect(run).rejects.toMatchObject({ code: 'BROKER_UNREACHABLE', recovery: 'refresh' })
})

test('an attempt that the deadline cut short does not hide the reason before it', async () => {
  const { requests } = scriptedClient()
  const run = requests.retrying({ doing: 'reading', timeoutMs: 40, backoffMs: 5 }, (_, attempt) => {
    const reason = attempt === 0 ? 'unreachable' : 'timeout'
    return Promise.reject(new WireError(reason, `${reason} at attempt ${attempt}`, false))
  })
  await expect(run).rejects.toThrow(/BROKER_UNREACHABLE: reading: unreachable at attempt 0/)
})

test('bytes that are not the protocol are not retried', async () => {
  const { requests } = scriptedClient()
  const run = requests.retrying({ doing: 'reading', timeoutMs: 5_000 }, () =>
    Promise.reject(new MalformedMessage('needs 4 bytes')),
  )
  await expect(run).rejects.toMatchObject({ code: 'ANSWER_MALFORMED', recovery: 'fatal' })
})

test('after a throttled answer the next request to that node may take longer', async () => {
  const { wire, requests } = scriptedClient()
  wire.on(findCoordinator, () => ({ ...noCoordinator, throttleTimeMs: 60_000 }))
  const call = { node, message, timeoutMs: 100 }
  await requests.send(findCoordinator, call)
  await requests.send(findCoordinator, call)
  await requests.send(findCoordinator, { ...call, node: nodeId(2) })
  const [first = 0, second = 0, other = 0] = wire.sent.map(({ timeoutMs }) => timeoutMs)
  expect(first).toBe(100)
  expect(second).toBeGreaterThan(59_000)
  expect(other).toBe(100)
})
