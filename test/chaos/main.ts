/**
 * `npm run chaos -- --rounds=20 --commit-interval=20 [--seed=N] [--subject=articles-and-comments]
 * [--kafka=docker|java]`
 */
import { requireNode } from '../../src/env/node-version.ts'

requireNode()
const { runCommand } = await import('./command.ts')
process.exit(await runCommand(process.argv.slice(2)))
