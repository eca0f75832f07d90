/** `broker`: the embedded broker on a port, for development. */
import { type Command, InvalidArgumentError } from 'commander'
import type { EmbeddedKafka } from '../testing/embedded-kafka.ts'
import { usage } from './failures.ts'
import { asksToStop } from './stop-signal.ts'

interface BrokerFlags {
  readonly port: number
  readonly host: string
  readonly topic?: readonly TopicFlag[]
}

export function addBrokerCommand(root: Command): void {
  root
    .command('broker')
    .description('run an embedded broker that any Kafka client can use; it keeps nothing on disk')
    .option('--port <port>', 'port to listen on', portNumber, 9092)
    .option('--host <host>', 'address to listen on; there is no authentication', '127.0.0.1')
    .option('--topic <name[:partitions]…>', 'create a topic; may be repeated', topicFlag)
    .action(runBroker)
}

async function runBroker({ port, host, topic = [] }: BrokerFlags): Promise<void> {
  // Not read by the other commands: `run` is to be there soon after a crash.
  const broker = await import('../testing/embedded-kafka.ts')
  const kafka = await new broker.EmbeddedKafka({ port, host }).start()
  try {
    for (const { name, partitions } of topic) create(kafka, name, partitions)
    process.stdout.write(`brokers: ${kafka.brokers.join(',')}\n`)
    await asksToStop()
  } finally {
    await kafka.stop()
  }
}

function create(kafka: EmbeddedKafka, name: string, partitions: number): void {
  try {
    kafka.createTopic(name, { partitions })
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause
    throw usage('COMMAND_LINE_INVALID', `--topic ${name}:${partitions}: ${cause.message}`, cause)
  }
}

function portNumber(text: string): number {
  const port = Number(text)
  if (/^\d+$/.test(text) && port <= 65_535) return port
  throw new InvalidArgumentError('Expected 0 (any free port) to 65535.')
}

interface TopicFlag {
  readonly name: string
  readonly partitions: number
}

function topicFlag(text: string, before: readonly TopicFlag[] = []): readonly TopicFlag[] {
  const match = /^([a-zA-Z0-9._-]+)(?::(\d+))?$/.exec(text)
  if (match === null) throw new InvalidArgumentError('Expected name or name:partitions.')
  return [...before, { name: match[1] ?? '', partitions: Number(match[2] ?? 1) }]
}
