#!/usr/bin/env node
/** The command `millrace`. Older versions of Node must read no further than the check. */
import * as nodeModule from 'node:module'
import { requireNode } from './env/node-version.ts'

requireNode()
// A reader that closes the pipe early, as head does, is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit(0)
})
// Node keeps what V8 compiled (NODE_COMPILE_CACHE says where, NODE_DISABLE_COMPILE_CACHE not to):
// loading the modules takes the next start a sixth less time. It goes without where it cannot.
nodeModule.enableCompileCache()
const { runCommandLine } = await import('./cli/command-line.ts')
process.exitCode = await runCommandLine(process.argv.slice(2))
