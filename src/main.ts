#!/usr/bin/env node
/** The command `millrace`. Older versions of Node must read no further than the check. */
import { requireNode } from './env/node-version.ts'

requireNode()
const { runCommandLine } = await import('./cli/command-line.ts')
process.exitCode = await runCommandLine(process.argv.slice(2))
