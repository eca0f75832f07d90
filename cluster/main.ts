/** `npm run kafka [-- --kafka=docker]`: gets a Kafka by the launcher, and keeps it until Ctrl-C. */
import { requireNode } from '../src/env/node-version.ts'

requireNode()
const { keepKafka } = await import('./command.ts')
await keepKafka(process.argv.slice(2))
