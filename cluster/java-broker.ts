import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type BrokerProperties, propertiesFile } from './broker-properties.ts'
import type { KafkaNode } from './kafka.ts'
import { type LeashedProcess, leash, runToEnd } from './leash.ts'

const readyTimeoutMs = 60_000
const started = /Kafka Server started/
/** Soon there, at the price of slower code: for brokers that live for seconds. */
export const quickJvm: readonly string[] = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1']
const logToOutput = [
  '-Dorg.slf4j.simpleLogger.logFile=System.out',
  '-Dorg.slf4j.simpleLogger.showDateTime=true',
]

export interface JavaBrokerSetup {
  readonly id: number
  /** The program, by path or name. */
  readonly java: string
  /** Directory of Apache Kafka's jars. */
  readonly jars: string
  /** Options of the running broker: heap, collector, compilers. */
  readonly jvm: readonly string[]
  /** Its own, for properties and data (`data`). */
  readonly directory: string
  readonly properties: BrokerProperties
  /** Arguments of `StorageTool format`, for the first start. */
  readonly format: readonly string[]
}

/** One broker with a port and a directory of its own, which may be killed and started again. */
export class JavaBroker implements KafkaNode {
  readonly id: number
  readonly #setup: JavaBrokerSetup
  #process: LeashedProcess | undefined

  constructor(setup: JavaBrokerSetup) {
    this.id = setup.id
    this.#setup = setup
  }

  async start(): Promise<void> {
    const { java, jars, jvm, directory } = this.#setup
    if (!existsSync(join(directory, 'data', 'meta.properties'))) await this.#format()
    const log: string[] = []
    let ready: (() => void) | undefined
    const isReady = new Promise<void>((resolve) => {
      ready = resolve
    })
    const options = [...jvm, ...logToOutput]
    const args = [...options, '-cp', join(jars, '*'), 'kafka.Kafka', this.#propertiesPath]
    const broker = await leash(java, args, {
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
    const { java, jars, directory, properties, format } = this.#setup
    await mkdir(directory, { recursive: true })
    await writeFile(this.#propertiesPath, propertiesFile(properties))
    const tool = ['-cp', join(jars, '*'), 'kafka.tools.StorageTool', 'format', ...format]
    await runToEnd(java, [...quickJvm, ...tool, '-c', this.#propertiesPath])
  }

  get #propertiesPath(): string {
    return join(this.#setup.directory, 'server.properties')
  }
}

function after<T>(delayMs: number, value: T): Promise<T> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(value), delayMs).unref()
  })
}
