/** An Apache Kafka that only takes SASL over TLS, with a self-signed certificate of its own. */
import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { brokerProperties, propertiesFile } from '../../cluster/broker-properties.ts'
import { kafkaJars } from '../../cluster/jars.ts'
import { leash, runToEnd } from '../../cluster/leash.ts'
import { freePort } from '../../cluster/ports.ts'
import { scratchDirectory } from '../../cluster/scratch.ts'

export interface SecureBroker {
  readonly address: string
  /** A listener without TLS and login, for the broker itself. */
  readonly plainAddress: string
  /** The certificate, which is its own authority. */
  readonly certificate: string
  stop(): Promise<void>
}

export const users = {
  plain: { username: 'alice', password: 'alice-secret' },
  scram: { username: 'bob', password: 'bob-secret' },
} as const

/** SASL sessions end after this time unless they are renewed. */
export const sessionMs = 3_000
const storePassword = 'only-for-tests'
const quick = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1']

export async function secureBroker(): Promise<SecureBroker> {
  const jars = await kafkaJars(process.env, () => undefined)
  const scratch = scratchDirectory('secure-kafka')
  const at = (name: string) => join(scratch.path, name)
  const certificate = await keyStore(at('broker.p12'), at('broker.pem'))
  const [port, plainPort, controllerPort] = [await freePort(), await freePort(), await freePort()]
  await writeFile(
    at('server.properties'),
    propertiesFile(properties(scratch.path, port, plainPort, controllerPort)),
  )
  const classes = ['-cp', join(jars, '*')]
  const id = `a${randomBytes(16).toString('base64url').slice(1)}`
  const { username, password } = users.scram
  const scram = ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((mechanism) => [
    '--add-scram',
    `${mechanism}=[name=${username},password=${password}]`,
  ])
  const format = ['kafka.tools.StorageTool', 'format', '--standalone', '-t', id, ...scram]
  await runToEnd('java', [...quick, ...classes, ...format, '-c', at('server.properties')])
  const stop = await run([...quick, '-Xmx256m', ...classes], at('server.properties'))
  return {
    address: `127.0.0.1:${port}`,
    plainAddress: `127.0.0.1:${plainPort}`,
    certificate,
    async stop() {
      await stop()
      scratch.remove()
    },
  }
}

async function keyStore(path: string, certificatePath: string): Promise<string> {
  const store = ['-keystore', path, '-storepass', storePassword, '-alias', 'broker']
  const name = ['-dname', 'CN=localhost', '-ext', 'san=ip:127.0.0.1,dns:localhost']
  const key = ['-genkeypair', '-keyalg', 'EC', '-validity', '2', '-storetype', 'PKCS12']
  await runToEnd('keytool', [...key, ...store, ...name])
  await runToEnd('keytool', ['-exportcert', '-rfc', ...store, '-file', certificatePath])
  return readFile(certificatePath, 'utf8')
}

function properties(directory: string, port: number, plainPort: number, controllerPort: number) {
  const listeners = `SASL_SSL://127.0.0.1:${port},PLAINTEXT://127.0.0.1:${plainPort}`
  const module = 'org.apache.kafka.common.security'
  const { username, password } = users.plain
  const scram = `${module}.scram.ScramLoginModule required;`
  const of = (name: string) => `listener.name.sasl_ssl.${name}`
  return {
    ...brokerProperties({
      advertised: `127.0.0.1:${port}`,
      listenHost: '127.0.0.1',
      port,
      controllerPort,
      logDirectory: join(directory, 'data'),
    }),
    'controller.quorum.bootstrap.servers': `127.0.0.1:${controllerPort}`,
    listeners: `${listeners},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': listeners,
    'listener.security.protocol.map': 'SASL_SSL:SASL_SSL,PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    [of('ssl.keystore.location')]: join(directory, 'broker.p12'),
    [of('ssl.keystore.password')]: storePassword,
    [of('ssl.keystore.type')]: 'PKCS12',
    [of('sasl.enabled.mechanisms')]: 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
    [of('plain.sasl.jaas.config')]:
      `${module}.plain.PlainLoginModule required user_${username}="${password}";`,
    [of('scram-sha-256.sasl.jaas.config')]: scram,
    [of('scram-sha-512.sasl.jaas.config')]: scram,
    [of('connections.max.reauth.ms')]: String(sessionMs),
  }
}

async function run(options: readonly string[], propertiesPath: string) {
  const log: string[] = []
  const ready = Promise.withResolvers<void>()
  const onLine = (line: string) => {
    log.push(line)
    if (line.includes('Kafka Server started')) ready.resolve()
  }
  const output = '-Dorg.slf4j.simpleLogger.logFile=System.out'
  const broker = await leash('java', [output, ...options, 'kafka.Kafka', propertiesPath], {
    onLine,
  })
  const ended = broker.exited.then(({ code }) => {
    throw new Error(`the broker ended with code ${code}:\n${log.slice(-20).join('\n')}`)
  })
  ended.catch(() => undefined)
  await Promise.race([ready.promise, ended])
  return async () => {
    broker.signal('SIGKILL')
    await broker.exited
  }
}
