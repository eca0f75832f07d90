/** `npm run sim:mutations -- [--only=words of its name] [--budget=400] [--seed=1]` */
import { requireNode } from '../../../src/env/node-version.ts'

requireNode()
const { runMutations } = await import('./command.ts')
process.exit(await runMutations(process.argv.slice(2)))
