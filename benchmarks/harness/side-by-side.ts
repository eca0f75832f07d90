/**
 * Several processes as one subject: `node side-by-side.js '[{"program":…,"args":[…]},…]'` runs them
 * as its children, and ends when the first of them does.
 */
import { leash } from '../../cluster/leash.ts'
import type { SubjectCommand } from './subject-process.ts'

/** The command that runs these; of a single one, that one itself. */
export function sideBySide(commands: readonly SubjectCommand[]): SubjectCommand {
  const [only] = commands
  if (only !== undefined && commands.length === 1) return only
  const script = new URL(import.meta.url).pathname
  return { program: process.execPath, args: ['--no-warnings', script, JSON.stringify(commands)] }
}

async function runAll(commands: readonly SubjectCommand[]): Promise<void> {
  const tell = (line: string) => process.stderr.write(`${line}\n`)
  const processes = await Promise.all(
    commands.map(({ program, args, env }) =>
      leash(program, args, { onLine: tell, ...(env === undefined ? {} : { env }) }),
    ),
  )
  const { code } = await Promise.race(processes.map(({ exited }) => exited))
  process.exit(code)
}

if (import.meta.main) await runAll(JSON.parse(process.argv[2] ?? '[]') as SubjectCommand[])
