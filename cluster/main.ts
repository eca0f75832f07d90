/** `npm run kafka [-- --kafka=docker]`: gets a Kafka by the launcher, and keeps it until Ctrl-C. */
import { parseArgs } from 'node:util'
import { isKafkaKind } from './kafka.ts'
import { launchKafka } from './launch.ts'

const { values } = parseArgs({ options: { kafka: { type: 'string' } } })
const force = values.kafka
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
