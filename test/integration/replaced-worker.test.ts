/** `workerFailure: 'replace'`: what a worker could not do, the one in its place does, once. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import kafkajs from 'kafkajs'
import { eventually } from '../../cluster/eventually.ts'
import { start, string, topology } from '../../src/index.ts'
import { EmbeddedKafka } from '../../src/testing/index.ts'

test('a worker whose function throws once is replaced, and every record is counted once', async () => {
  const embedded = new EmbeddedKafka()
  await embedded.start()
  const stateDir = mkdtempSync(join(tmpdir(), 'millrace-replaced-'))
  const [brokers, topics] = [[...embedded.brokers], ['lines', 'counts']]
  const kafka = new kafkajs.Kafka({ brokers, logLevel: kafkajs.logLevel.NOTHING })
  const [admin, producer] = [kafka.admin(), kafka.producer()]
  await Promise.all([admin.connect(), producer.connect()])
  await admin.createTopics({ topics: topics.map((topic) => ({ topic })) })
  let failures = 0
  const made = topology('replaced', (t) => {
    t.stream('lines', { value: string })
      .peek((line) => {
        if (line === '30' && failures++ === 0) throw new Error('the first time')
      })
      .groupByKey()
      .count('counted')
      .to('counts')
  })
  const app = await start(made, {
    brokers,
    stateDir,
    commitInterval: '20ms',
    workerFailure: 'replace',
    logLevel: 'silent',
  })
  try {
    const messages = Array.from({ length: 50 }, (_, at) => ({ key: 'k', value: `${at}` }))
    await producer.send({ topic: 'lines', messages })
    await eventually(async () => expect(await app.store('counted').get('k')).toBe(50))
    expect(failures).toBe(2)
    expect(app.state).toBe('running')
    expect(await app.metrics()).toContain('millrace_workers_replaced_total{worker="0"} 1')
  } finally {
    await app.stop()
    await Promise.all([admin.disconnect(), producer.disconnect()])
    await embedded.stop()
    rmSync(stateDir, { recursive: true, force: true })
  }
})
