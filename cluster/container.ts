import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import type { ContainerRuntimeClient } from 'testcontainers'
import { brokerProperties, imageEnvironment } from './broker-properties.ts'
import { type Attempt, kafkaVersion, messageOf, type Progress } from './kafka.ts'
import { onEnd } from './on-end.ts'
import { freePort } from './ports.ts'

const startTimeoutMs = 90_000
const pullTimeoutMs = 300_000
const started = /Kafka Server started/

/**
 * Apache Kafka in a container, through Testcontainers. The host port is chosen before the start, so
 * that the broker can advertise it, and it stays the same when the container is killed and started
 * again.
 */
export async function containerKafka(env: NodeJS.ProcessEnv, progress: Progress): Promise<Attempt> {
  // Its cleaner is an image of its own, which may not be had; container-reaper.ts does the same
  // with what is here.
  process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true'
  const image = env['MILLRACE_KAFKA_IMAGE'] ?? `apache/kafka:${kafkaVersion}`
  const testcontainers = await import('testcontainers')
  let client: ContainerRuntimeClient
  try {
    client = await testcontainers.getContainerRuntimeClient()
  } catch {
    return { kind: 'unavailable', reason: 'no container engine answers' }
  }
  const missing = await ensureImage(client, testcontainers.ImageName.fromString(image), progress)
  if (missing !== undefined) return { kind: 'unavailable', reason: missing }

  const port = await freePort()
  const address = `${client.info.containerRuntime.host.replace('localhost', '127.0.0.1')}:${port}`
  const name = `millrace-kafka-${process.pid}-${randomBytes(4).toString('hex')}`
  const release = keepFromStaying(name)
  const properties = brokerProperties({
    advertised: address,
    listenHost: '',
    port,
    controllerPort: 9093,
    logDirectory: '/tmp/kafka-logs',
  })
  const container = new testcontainers.GenericContainer(image)
    .withName(name)
    .withEnvironment({
      ...imageEnvironment({ ...properties, 'controller.quorum.voters': '1@localhost:9093' }),
      KAFKA_HEAP_OPTS: env['MILLRACE_KAFKA_HEAP'] ?? '-Xmx320m',
    })
    .withExposedPorts({ container: port, host: port })
    .withStartupTimeout(startTimeoutMs)
    .withWaitStrategy(testcontainers.Wait.forLogMessage(started))
  try {
    await container.start()
  } catch (error) {
    await release()
    return { kind: 'unavailable', reason: `${image} does not start: ${messageOf(error)}` }
  }
  return {
    kind: 'running',
    kafka: {
      kind: 'docker',
      brokers: address,
      description: `Apache Kafka in a container (${image})`,
      nodes: [
        {
          id: 1,
          kill: () => killContainer(client, name),
          start: () => startContainer(client, name),
        },
      ],
      stop: release,
    },
  }
}

/** Why the image is not to be had; undefined when it is there. */
async function ensureImage(
  client: ContainerRuntimeClient,
  image: Parameters<ContainerRuntimeClient['image']['pull']>[0],
  progress: Progress,
): Promise<string | undefined> {
  if (await client.image.exists(image)) return undefined
  progress(`pulling ${image.string}`)
  const patience = new Promise<string>((resolve) => {
    setTimeout(() => resolve(`took more than ${pullTimeoutMs / 1000} s`), pullTimeoutMs).unref()
  })
  const pulled = client.image.pull(image).then(() => undefined, messageOf)
  const problem = await Promise.race([pulled, patience])
  if (problem !== undefined) return `pulling ${image.string}: ${problem.split('\n')[0]}`
  return (await client.image.exists(image)) ? undefined : `${image.string} cannot be pulled`
}

async function killContainer(client: ContainerRuntimeClient, name: string): Promise<void> {
  const container = client.container.getById(name)
  await container.kill({ signal: 'SIGKILL' })
  await container.wait()
}

async function startContainer(client: ContainerRuntimeClient, name: string): Promise<void> {
  const container = client.container.getById(name)
  const since = Date.now() / 1000
  await container.start()
  const deadline = Date.now() + startTimeoutMs
  for (;;) {
    const log = await container.logs({ stdout: true, stderr: true, since })
    if (started.test(log.toString())) return
    if (Date.now() > deadline) throw new Error(`${name} was not ready again in time`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** Has the container of this name removed when we ask for it, or when this process is gone. */
function keepFromStaying(name: string): () => Promise<void> {
  const script = fileURLToPath(new URL('./container-reaper.js', import.meta.url))
  const reaper = spawn(process.execPath, ['--no-warnings', script, name], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  const gone = new Promise<void>((resolve) => {
    reaper.once('exit', () => resolve())
    reaper.once('error', () => resolve())
  })
  const release = () => {
    forget()
    reaper.stdin.end()
    return gone
  }
  const forget = onEnd({ now: () => undefined, gently: release })
  return release
}
