import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals'
import { batchCompression } from '../../src/adapters/compression/index.ts'
import { type KafkajsWireOptions, kafkajsWire } from '../../src/adapters/kafkajs/wire.ts'
import { connectKafka } from '../../src/kafka/client/connect.ts'
import type { KafkaClient } from '../../src/kafka/client/port.ts'
import { describeWithJava } from '../kafka.ts'
import { quietEnv } from '../quiet-env.ts'
import { type SecureBroker, secureBroker, sessionMs, users } from './secure-broker.ts'

jest.setTimeout(30_000)

describeWithJava('a broker that demands SASL over TLS', () => {
  let broker: SecureBroker
  const open: KafkaClient[] = []
  beforeAll(async () => {
    broker = await secureBroker()
  }, 120_000)
  afterEach(async () => {
    for (const client of open.splice(0)) await client.close()
  })
  afterAll(() => broker?.stop())

  async function connect(
    options: Partial<KafkajsWireOptions>,
    requestTimeoutMs = 10_000,
  ): Promise<KafkaClient> {
    const wire = kafkajsWire({ brokers: [broker.address], ...options }, quietEnv)
    const settings = { wire, env: quietEnv, ...batchCompression(), requestTimeoutMs }
    const client = await connectKafka(settings)
    open.push(client)
    return client
  }

  const tls = () => ({ ssl: { ca: [broker.certificate] } })

  const logins = [
    { mechanism: 'plain', ...users.plain },
    { mechanism: 'scram-sha-256', ...users.scram },
    { mechanism: 'scram-sha-512', ...users.scram },
  ] as const
  for (const sasl of logins) {
    const { mechanism } = sasl

    test(`${mechanism} logs in, and topics can be made and read`, async () => {
      const { admin } = await connect({ ...tls(), sasl })
      const name = `secret-${mechanism}`
      await admin.createTopics([{ name, partitions: 1, replicationFactor: 1, configs: {} }])
      expect((await admin.describeTopics([name])).get(name)).toMatchObject({ partitions: 1 })
    })

    test(`${mechanism} with a wrong password is refused with the advice to check it`, async () => {
      const refused = connect({ ...tls(), sasl: { ...sasl, password: 'guessed' } })
      await expect(refused).rejects.toMatchObject({
        code: 'AUTHENTICATION_FAILED',
        recovery: 'fatal',
      })
      await expect(refused).rejects.toThrow(/127\.0\.0\.1:\d+.*check.*user name and password/)
    })
  }

  test('a session that runs out is renewed while requests go on', async () => {
    const { admin } = await connect({
      ...tls(),
      sasl: { mechanism: 'scram-sha-256', ...users.scram },
    })
    const until = performance.now() + 2.5 * sessionMs
    let asked = 0
    while (performance.now() < until) {
      await Promise.all([admin.describeTopics([]), admin.describeTopics([])])
      asked++
    }
    expect(asked).toBeGreaterThan(10)
  })

  test('an unknown certificate authority is a TLS error with advice', async () => {
    const refused = connect({ ssl: true, sasl: { mechanism: 'plain', ...users.plain } })
    await expect(refused).rejects.toMatchObject({ code: 'TLS_FAILED', recovery: 'fatal' })
    await expect(refused).rejects.toThrow(/self-signed certificate.*ssl\.ca/)
  })

  test('TLS spoken to a port without it says that the port may not speak it', async () => {
    const refused = connect({ brokers: [broker.plainAddress], ...tls() })
    await expect(refused).rejects.toThrow(/does this port speak TLS/)
  })

  test('no TLS spoken to a port with it says that the port may expect it', async () => {
    await expect(connect({})).rejects.toThrow(/does this port expect TLS/)
  })

  test('no login where one is demanded is an error that says what is missing', async () => {
    await expect(connect(tls(), 1_000)).rejects.toThrow(/demand a login/)
  })
})
