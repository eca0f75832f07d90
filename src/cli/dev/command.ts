/** `dev`: a topology on a broker of its own, fed with lines, started over at each change. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import { onModule } from '../load-topology.ts'
import type { SessionOptions } from './session.ts'
import { watchSessions } from './watch.ts'

interface DevFlags extends Omit<SessionOptions, 'below'> {
  readonly watch: boolean
  readonly session?: boolean
}

const levels = ['debug', 'info', 'warn', 'error', 'silent']

export function addDevCommand(root: Command): void {
  root
    .command('dev <file>')
    .description(
      'run the topology of a file on an embedded broker: lines from standard input go to its ' +
        'source topic, output records are printed; starts over when the file changes',
    )
    .option('--input <file>', 'take the lines from a file')
    .option('--topic <topic>', 'source topic of the lines (default: the first)')
    .option('--key-separator <text>', 'what stands between key and value in a line')
    .option('--partitions <count>', 'partitions of each topic', partitionCount, 1)
    .option('--no-watch', 'run once and end when all lines are processed')
    .addOption(new Option('--log-level <level>').choices(levels).default('warn'))
    .addOption(new Option('--session', 'one run below a watching dev').hideHelp())
    .action(dev)
}

async function dev(file: string, flags: DevFlags): Promise<void> {
  const { watch, session = false, ...options } = flags
  if (watch && !session) {
    await watchSessions([...process.argv.slice(2), '--session'], options.input === undefined)
    return
  }
  if (session) onModule((path) => process.send?.(path))
  const { runSession } = await import('./session.ts')
  await runSession(file, { ...options, below: session })
}

function partitionCount(text: string): number {
  const count = Number(text)
  if (/^\d+$/.test(text) && count >= 1 && count <= 1000) return count
  throw new InvalidArgumentError('Expected 1 to 1000.')
}
