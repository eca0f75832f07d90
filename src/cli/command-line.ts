/** The commands, their arguments and options; what each does is in a file of its own. */
import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { addBrokerCommand } from './broker.ts'
import { addDescribeCommands } from './describe.ts'
import { addDevCommand } from './dev/command.ts'
import { addResetCommand } from './reset/command.ts'
import { addRunCommand } from './run.ts'
import { addStateCommand } from './state/command.ts'
import { errorText, exitCodeOf, exitCodes, usage } from './failures.ts'

const codes = `
Exit codes:
  0  done, or stopped as asked
  1  failed: Kafka, the machine, or a defect of Millrace
  2  wrong use: command line, topology file, topology or options`

/** Runs one command to its end; answers the exit code of the process. */
export async function runCommandLine(args: readonly string[]): Promise<number> {
  try {
    await program().parseAsync([...args], { from: 'user' })
    return exitCodes.done
  } catch (error) {
    const failure = error instanceof CommanderError ? ofCommander(error) : error
    if (failure === undefined) return exitCodes.done
    process.stderr.write(errorText(failure, args.includes('--verbose')))
    return exitCodeOf(failure)
  }
}

function program(): Command {
  const root = new Command('millrace')
    .description('Exactly-once stream processing on Kafka')
    .version(version(), '-V, --version', 'print the version')
    .option('--verbose', 'print stacks with errors')
    .addHelpText('after', codes)
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
    .showSuggestionAfterError(true)
  addDescribeCommands(root)
  addBrokerCommand(root)
  addRunCommand(root)
  addDevCommand(root)
  addResetCommand(root)
  addStateCommand(root)
  return inherited(root)
}

/**
 * Subcommands take over how the root ends and prints, and know --verbose on either side of them.
 */
function inherited(root: Command): Command {
  for (const command of root.commands) {
    command.copyInheritedSettings(root).option('--verbose', 'print stacks with errors')
  }
  return root
}

/** Commander ends help and version by an error too: those are none. */
function ofCommander(error: CommanderError): Error | undefined {
  if (error.exitCode === 0) return undefined
  if (error.code === 'commander.help') {
    return usage('COMMAND_LINE_INVALID', 'no command; millrace --help lists them')
  }
  const message = error.message
    .replace(/^error: /, '')
    .replace('\n', ' ')
    .replace(/\.$/, '')
  return usage('COMMAND_LINE_INVALID', `${message}; see millrace --help`)
}

function version(): string {
  const manifest: unknown = JSON.parse(
    readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'),
  )
  const known = typeof manifest === 'object' && manifest !== null && 'version' in manifest
  return known ? String(manifest.version) : 'unknown'
}
