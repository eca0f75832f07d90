/** `run`: a topology as a service, until it is stopped. */
import { type Command, Option } from 'commander'
import { start } from '../start.ts'
import type { WorkerView } from '../worker/view.ts'
import { fileUrl, loadTopology } from './load-topology.ts'
import { addOptionFlags, optionFlags } from './option-flags.ts'
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
  addOptionFlags(command)
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

/** One line of JSON: what each worker of this process is doing, its tasks as a number. */
function printProgress(workers: readonly WorkerView[]): void {
  const progress = workers.map(({ tasks, ...worker }) => ({ ...worker, tasks: tasks.length }))
  process.stdout.write(`${JSON.stringify({ progress })}\n`)
}
