/** `npm run sim -- [--seed=N] [--seeds=K] [--scenario=…] [--minutes=…] [--without=…]` */
import { requireNode } from '../../src/env/node-version.ts'

requireNode()
const { runCommand } = await import('./command.ts')
process.exit(await runCommand(process.argv.slice(2)))
