/**
 * Applies one defect at a time to a copy of the source and lets simulation look for it. Node runs
 * the copy's TypeScript as it is.
 */
import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { projectRoot } from '../../../cluster/root.ts'
import { mutated, mutations } from './all.ts'
import type { Mutation } from './mutation.ts'

interface Found {
  readonly caught: boolean
  readonly seeds: number
  /** The one that caught it. */
  readonly seed?: number
  readonly scenario?: string
  readonly check?: string
}

/** @returns The exit code: 0 only if every defect was caught within its budget. */
export async function runMutations(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: 'string', default: '1' },
      budget: { type: 'string', default: '1000' },
      only: { type: 'string', default: '' },
      jobs: { type: 'string', default: String(availableParallelism()) },
    },
  })
  const chosen = mutations.filter(({ name }) => name.includes(values.only))
  const begun = performance.now()
  say(`${chosen.length} defects, up to ${values.budget} seeds each, ${values.jobs} at a time`)
  say('| defect | caught by | scenario | seed | after seeds |\n|---|---|---|---|---|')
  let missed = 0
  const left = chosen.toReversed()
  const job = async () => {
    for (let mutation = left.pop(); mutation !== undefined; mutation = left.pop()) {
      const found = await look(mutation, values.seed, values.budget)
      if (!found.caught) missed++
      const { caught, scenario = '', seed = '', seeds } = found
      const check = caught ? found.check : 'MISSED'
      say(`| ${mutation.name} | ${check} | ${scenario} | ${seed} | ${seeds} |`)
    }
  }
  await Promise.all(Array.from({ length: Number(values.jobs) }, job))
  const seconds = Math.round((performance.now() - begun) / 1000)
  say(`${chosen.length - missed} of ${chosen.length} caught in ${seconds} s`)
  return missed === 0 ? 0 : 1
}

async function look(mutation: Mutation, seed: string, budget: string): Promise<Found> {
  const copy = mkdtempSync(join(tmpdir(), 'millrace-mutation-'))
  try {
    for (const part of ['src', 'test/simulation', 'cluster/root.ts', 'package.json']) {
      cpSync(join(projectRoot, part), join(copy, part), { recursive: true })
    }
    symlinkSync(join(projectRoot, 'node_modules'), join(copy, 'node_modules'))
    for (const edit of mutation.edits) {
      const path = join(copy, edit.file)
      writeFileSync(path, mutated(mutation, edit, readFileSync(path, 'utf8')))
    }
    const only = mutation.scenario === undefined ? [] : [`--scenario=${mutation.scenario}`]
    return await run(copy, [`--seed=${seed}`, `--seeds=${budget}`, '--brief', ...only])
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}

function run(root: string, args: readonly string[]): Promise<Found> {
  const main = join(root, 'test/simulation/main.ts')
  const child = spawn(process.execPath, ['--no-warnings', main, ...args], { cwd: root })
  let output = ''
  child.stdout.on('data', (chunk) => (output += String(chunk)))
  child.stderr.on('data', (chunk) => (output += String(chunk)))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', () => resolve(verdictOf(output)))
  })
}

/** The last line is the verdict; a process that ended without one has caught nothing. */
function verdictOf(output: string): Found {
  const line = output.trim().split('\n').at(-1) ?? ''
  if (line.startsWith('{')) return JSON.parse(line) as Found
  return { caught: false, seeds: 0, scenario: `the process ended: ${line.slice(0, 60)}` }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
