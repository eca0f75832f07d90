import { parseArgs } from 'node:util'
import { isKafkaKind } from './kafka.ts'
import { launchKafka } from './launch.ts'

/** Gets a Kafka, and prints how to use it; what it started keeps this process running. */
export async function keepKafka(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: { kafka: { type: 'string' } } })
  const { kafka: force } = values
  if (force !== undefined && !isKafkaKind(force)) {
    process.stderr.write(`--kafka=${force}: external, docker, java or embedded\n`)
    process.exit(2)
  }
  const launch = await launchKafka({
    ...(force === undefined ? {} : { force }),
    progress: (message) => process.stdout.write(`${message}\n`),
  })
  if (launch.kind === 'none') {
    process.stderr.write(`no Kafka: ${launch.reason}\n`)
    process.exit(1)
  }
  process.stdout.write(`MILLRACE_BROKERS=${launch.kafka.brokers}\n`)
}
