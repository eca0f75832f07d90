import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { brokerProperties, propertiesFile } from './broker-properties.ts'
import { kafkaJars } from './jars.ts'
import { type Attempt, kafkaVersion, messageOf, type Progress } from './kafka.ts'
import { type LeashedProcess, leash, runToEnd } from './leash.ts'
import { freePort } from './ports.ts'
import { scratchDirectory } from './scratch.ts'

const oldestJava = 17
const readyTimeoutMs = 60_000
const started = /Kafka Server started/
const quick = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1']

/**
 * Apache Kafka as a child process, from jars in a cache. Needs Java 17 or newer, and Maven to fill
 * the cache once.
 */
export async function javaKafka(env: NodeJS.ProcessEnv, progress: Progress): Promise<Attempt> {
  const java = env['JAVA_HOME'] === undefined ? 'java' : join(env['JAVA_HOME'], 'bin', 'java')
  const version = await javaVersion(java)
  if (version === undefined) return { kind: 'unavailable', reason: 'no Java' }
  if (version < oldestJava) {
    return { kind: 'unavailable', reason: `Java ${version}, ${oldestJava} is needed` }
  }
  let jars: string
  try {
    jars = await kafkaJars(env, progress)
  } catch (error) {
    const first = messageOf(error).split('\n')[0] ?? ''
    return { kind: 'unavailable', reason: `no jars from Maven Central (${first})` }
  }
  const scratch = scratchDirectory('kafka')
  const broker = new JavaBroker(java, jars, scratch.path, await freePort(), await freePort())
  try {
    await broker.start()
  } catch (error) {
    scratch.remove()
    throw error
  }
  return {
    kind: 'running',
    kafka: {
      kind: 'java',
      brokers: broker.address,
      description: `Apache Kafka ${kafkaVersion} on Java ${version}`,
      outage: { kill: () => broker.kill(), start: () => broker.start() },
      async stop() {
        await broker.kill()
        scratch.remove()
      },
    },
  }
}

/** One broker with a port and a directory of its own, which may be killed and started again. */
class JavaBroker {
  readonly address: string
  readonly #java: string
  readonly #jars: string
  readonly #directory: string
  readonly #properties: string
  #process: LeashedProcess | undefined

  constructor(java: string, jars: string, directory: string, port: number, controller: number) {
    this.address = `127.0.0.1:${port}`
    this.#java = java
    this.#jars = jars
    this.#directory = directory
    this.#properties = propertiesFile({
      ...brokerProperties({
        advertised: this.address,
        listenHost: '127.0.0.1',
        port,
        controllerPort: controller,
        logDirectory: join(directory, 'data'),
      }),
      'controller.quorum.bootstrap.servers': `127.0.0.1:${controller}`,
    })
  }

  async start(): Promise<void> {
    if (!existsSync(join(this.#directory, 'data', 'meta.properties'))) await this.#format()
    const log: string[] = []
    let ready: (() => void) | undefined
    const isReady = new Promise<void>((resolve) => {
      ready = resolve
    })
    const options = [process.env['MILLRACE_KAFKA_HEAP'] ?? '-Xmx320m', ...quick, ...logToOutput]
    const args = [...options, '-cp', join(this.#jars, '*'), 'kafka.Kafka', this.#propertiesPath]
    const broker = await leash(this.#java, args, {
      onLine(line) {
        log.push(line)
        if (log.length > 20) log.shift()
        if (started.test(line)) ready?.()
      },
    })
    this.#process = broker
    const why = await Promise.race([
      isReady,
      broker.exited.then(({ code }) => `it ended with code ${code}`),
      after(readyTimeoutMs, `it was not ready within ${readyTimeoutMs / 1000} s`),
    ])
    if (why === undefined) return
    await this.kill()
    throw new Error(`Apache Kafka did not start: ${why}. Its last words:\n${log.join('\n')}`)
  }

  async kill(): Promise<void> {
    this.#process?.signal('SIGKILL')
    await this.#process?.exited
    this.#process = undefined
  }

  /**
   * By the tool, because a `meta.properties` written by hand leaves the cluster without transaction
   * protocol 2.
   */
  async #format(): Promise<void> {
    await mkdir(this.#directory, { recursive: true })
    await writeFile(this.#propertiesPath, this.#properties)
    const tool = ['kafka.tools.StorageTool', 'format', '--standalone', '-t', clusterId()]
    const classes = ['-cp', join(this.#jars, '*')]
    await runToEnd(this.#java, [...quick, ...classes, ...tool, '-c', this.#propertiesPath])
  }

  get #propertiesPath(): string {
    return join(this.#directory, 'server.properties')
  }
}

const logToOutput = [
  '-Dorg.slf4j.simpleLogger.logFile=System.out',
  '-Dorg.slf4j.simpleLogger.showDateTime=true',
]

/** The tool takes an id that begins with `-` for an option. */
function clusterId(): string {
  for (;;) {
    const id = randomBytes(16).toString('base64url')
    if (!id.startsWith('-')) return id
  }
}

async function javaVersion(java: string): Promise<number | undefined> {
  try {
    const match = /version "(?:1\.)?(\d+)/.exec(await runToEnd(java, ['-version']))
    return match?.[1] === undefined ? undefined : Number(match[1])
  } catch {
    return undefined
  }
}

function after<T>(delayMs: number, value: T): Promise<T> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(value), delayMs).unref()
  })
}
