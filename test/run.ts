/** `npm test [-- --require-kafka] [--kafka=docker] [path patterns]`: every layer, see runner.ts. */
import { requireNode } from '../src/env/node-version.ts'

requireNode()
const { runTests } = await import('./runner.ts')
process.exitCode = await runTests(process.argv.slice(2))
