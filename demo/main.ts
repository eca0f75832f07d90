/** `npm start [-- --kafka=java --input DIR --words 1000000]`; see demo.ts. */
import { requireNode } from '../src/env/node-version.ts'

requireNode()
const { runDemo } = await import('./demo.ts')
process.exit(await runDemo(process.argv.slice(2)))
