import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { brokerProperties } from './broker-properties.ts'
import { JavaBroker, quickJvm } from './java-broker.ts'
import { kafkaJars } from './jars.ts'
import { type Attempt, kafkaVersion, messageOf, type Progress } from './kafka.ts'
import { runToEnd } from './leash.ts'
import { freePorts } from './ports.ts'
import { scratchDirectory } from './scratch.ts'

const oldestJava = 17
const host = '127.0.0.1'

export interface JavaOptions {
  /** @default 1 */
  readonly brokers?: number
  /** Options of each broker. @default quickJvm */
  readonly jvm?: readonly string[]
}

/**
 * Apache Kafka as child processes, one a broker, from jars in a cache. Needs Java 17 or newer, and
 * Maven to fill the cache once.
 */
export async function javaKafka(
  env: NodeJS.ProcessEnv,
  progress: Progress,
  { brokers: count = 1, jvm = quickJvm }: JavaOptions = {},
): Promise<Attempt> {
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
  const heap = env['MILLRACE_KAFKA_HEAP'] ?? (count === 1 ? '-Xmx320m' : '-Xmx256m')
  const plans = await plan(count, scratch.path)
  const options = [heap, ...jvm]
  const nodes = plans.map((node) => new JavaBroker({ ...node, java, jars, jvm: options }))
  const stop = async () => {
    await Promise.all(nodes.map((node) => node.kill()))
    scratch.remove()
  }
  // None of several is ready before most of them are.
  const starts = await Promise.allSettled(nodes.map((node) => node.start()))
  const failed = starts.find((start) => start.status === 'rejected')
  if (failed !== undefined) {
    await stop()
    throw failed.reason
  }
  const what = count === 1 ? '' : `, ${count} brokers`
  return {
    kind: 'running',
    kafka: {
      kind: 'java',
      brokers: plans.map(({ address }) => address).join(','),
      description: `Apache Kafka ${kafkaVersion} on Java ${version}${what}`,
      nodes,
      stop,
    },
  }
}

/**
 * Ports, directories and properties. One or two brokers have one controller, in the first of them;
 * of more the first three are controllers too, so that any one may be killed.
 */
async function plan(count: number, directory: string) {
  const controllerCount = count < 3 ? 1 : 3
  const ports = await freePorts(count + controllerCount)
  const controllers = ports.slice(count)
  const voters = controllers.map((port, i) => `${i + 1}@${host}:${port}`).join(',')
  const quorum =
    count === 1
      ? { 'controller.quorum.bootstrap.servers': `${host}:${controllers[0]}` }
      : { 'controller.quorum.voters': voters }
  const format = [...(count === 1 ? ['--standalone'] : []), '-t', clusterId()]
  return ports.slice(0, count).map((port, i) => {
    const id = i + 1
    const own = count === 1 ? directory : join(directory, `broker-${id}`)
    const address = `${host}:${port}`
    const properties = {
      ...brokerProperties({
        nodeId: id,
        brokers: count,
        isController: i < controllerCount,
        advertised: address,
        listenHost: host,
        port,
        controllerPort: controllers[i] ?? 0,
        logDirectory: join(own, 'data'),
      }),
      ...quorum,
    }
    return { id, address, directory: own, properties, format }
  })
}

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
