import { createServer } from 'node:net'
import { expect, test } from '@jest/globals'
import { launchKafka } from '../../../cluster/launch.ts'
import { freePort, reachable } from '../../../cluster/ports.ts'

test('a kind that is not to be had gives none, with the reason', async () => {
  const launch = await launchKafka({ force: 'external', env: {} })
  expect(launch).toEqual({ kind: 'none', reason: 'external: MILLRACE_BROKERS is not set' })
})

test('a named cluster is taken when one of its brokers answers, and said to be', async () => {
  const server = createServer()
  const port = await freePort()
  await new Promise<void>((resolve) => {
    server.listen(port, '127.0.0.1', resolve)
  })
  const said: string[] = []
  const brokers = `127.0.0.1:${await freePort()}, 127.0.0.1:${port}`
  const launch = await launchKafka({
    env: { MILLRACE_BROKERS: brokers },
    progress: (line) => said.push(line),
  })
  server.close()
  expect(launch).toMatchObject({ kind: 'running', kafka: { kind: 'external', brokers } })
  expect(said).toEqual([`the cluster named by MILLRACE_BROKERS at ${brokers}`])
})

test('a named cluster that does not answer is an error, not a reason to take another', async () => {
  const brokers = `127.0.0.1:${await freePort()}`
  const launch = launchKafka({ env: { MILLRACE_BROKERS: brokers } })
  await expect(launch).rejects.toThrow(
    `none of the brokers in MILLRACE_BROKERS answers: ${brokers}`,
  )
})

test('a Java that is not there, or too old, is told as such', async () => {
  const launch = await launchKafka({ force: 'java', env: { JAVA_HOME: '/nowhere' } })
  expect(launch).toEqual({ kind: 'none', reason: 'java: no Java' })
})

test('a port that nobody listens on is not reachable', async () => {
  expect(await reachable(`127.0.0.1:${await freePort()}`, 1_000)).toBe(false)
})

test('several brokers are had by Java only, and who has no Java is told so', async () => {
  const env = { JAVA_HOME: '/nowhere' }
  const acceptable = ['docker', 'java', 'embedded'] as const
  expect(await launchKafka({ acceptable, brokers: 3, env })).toEqual({
    kind: 'none',
    reason:
      'docker: one broker only; 3 need Java; java: no Java; embedded: one broker only; 3 need Java',
  })
})
