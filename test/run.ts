/** `npm test [-- --require-kafka] [--kafka=docker] [path patterns]`: every layer, see runner.ts. */
import { requireNode } from '../src/env/node-version.ts'

requireNode()
const { runTests } = await import('./runner.ts')
try {
  process.exitCode = await runTests(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 2
}
