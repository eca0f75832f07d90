/** `run`: a topology as a service, until it is stopped. */
import { type Command, Option } from 'commander'
import { flagName, optionNames, optionTable } from '../config/option-table.ts'
import { start } from '../start.ts'
import type { WorkerView } from '../worker/view.ts'
import { fileUrl, loadTopology } from './load-topology.ts'
import { asksToStop } from './stop-signal.ts'

interface RunFlags extends Readonly<Record<string, string | boolean | undefined>> {
  readonly config?: string
  readonly progress?: 'json'
}

export function addRunCommand(root: Command): void {
  const command = root
    .command('run <file>')
    .description('run the topology of a file until it is stopped; start it as often as you like')
    .option('--config <file>', 'configuration file (default: millrace.config.yaml, if there)')
    .action(run)
  command.addOption(
    new Option(
      '--progress <format>',
      'a line a second on standard output about each worker',
    ).choices(['json']),
  )
  for (const name of optionNames) {
    const { type, doc } = optionTable[name]
    command.option(`${flagName(name)} <${type}>`, doc)
  }
}

async function run(file: string, flags: RunFlags): Promise<void> {
  const topology = await loadTopology(file)
  const { config } = flags
  const app = await start(topology, {
    flags: optionFlags(flags),
    module: fileUrl(file),
    ...(config === undefined ? {} : { config }),
  })
  if (flags.progress !== undefined) app.on('progress', printProgress)
  // The second of these makes the process end at once: a stop has its own time-out.
  void asksToStop().then(() => app.stop())
  await app.done
}

/** Commander has checked the names; what they mean is checked with all other sources. */
export function optionFlags(
  flags: Readonly<Record<string, unknown>>,
): Readonly<Record<string, string>> {
  const given = optionNames.flatMap((name) => {
    const value = flags[name]
    return typeof value === 'string' ? [[name, value] as const] : []
  })
  return Object.fromEntries(given)
}

/** One line of JSON: what each worker of this process is doing, its tasks as a number. */
function printProgress(workers: readonly WorkerView[]): void {
  const progress = workers.map(({ tasks, ...worker }) => ({ ...worker, tasks: tasks.length }))
  process.stdout.write(`${JSON.stringify({ progress })}\n`)
}
