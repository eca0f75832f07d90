/**
 * A store that is larger than its part of the memory, beside one that is all in memory:
 * `npm run bench:state -- [keys [updates]]` (10 000 000 keys of 16 bytes with 100 bytes each). One
 * task without a broker; each backend in a process of its own, for what that needs.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describeMachine, machineLine } from './harness/machine.ts'
import { table } from './harness/markdown.ts'
import { type Measured, StoreLoad } from './state/store-load.ts'

const [first = '10000000', second = '2000000', only] = process.argv.slice(2)
const keys = Number(first)
const updates = Number(second)
const backends = ['memory', 'lmdb'] as const

if (only === undefined) await compare()
else process.stdout.write(`${JSON.stringify(await measure(only))}\n`)

async function compare(): Promise<void> {
  const rows = backends.map((backend) => {
    const args = ['--no-warnings', '--max-old-space-size=4096', fileURLToPath(import.meta.url)]
    const child = spawnSync(process.execPath, [...args, first, second, backend], {
      stdio: ['ignore', 'pipe', 'inherit'],
      encoding: 'utf8',
    })
    if (child.status !== 0) throw new Error(`${backend} ended with ${child.status ?? child.signal}`)
    return row(backend, JSON.parse(child.stdout))
  })
  const machine = machineLine(await describeMachine())
  const text = [
    `### ${keys} keys of 16 bytes with 100 bytes each, then ${updates} updates of random keys`,
    '',
    table(
      ['store', 'filling, k/s', 'updates, k/s', 'RssAnon at most, MiB', 'files, MiB', 'open, ms'],
      rows,
    ),
    '',
    machine,
    '',
  ]
  process.stdout.write(text.join('\n'))
}

function row(backend: string, measured: Measured): readonly string[] {
  const mebibytes = (bytes: number) => (bytes / 2 ** 20).toFixed(0)
  return [
    backend,
    (measured.fillPerSecond / 1000).toFixed(0),
    (measured.updatePerSecond / 1000).toFixed(0),
    mebibytes(measured.anonBytesMax),
    mebibytes(measured.fileBytes),
    measured.openMs === undefined ? '–' : measured.openMs.toFixed(0),
  ]
}

async function measure(backend: string): Promise<Measured> {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-state-'))
  try {
    const load = await StoreLoad.open(backend === 'memory' ? undefined : directory, anonBytes)
    const fillPerSecond = load.fill(keys)
    const updatePerSecond = load.update(updates, keys)
    load.close()
    const opened = backend === 'memory' ? undefined : await StoreLoad.open(directory, anonBytes)
    const openMs = opened?.firstReadMs()
    opened?.close()
    const sizes = readdirSync(directory).map((name) => statSync(join(directory, name)).size)
    const fileBytes = sizes.reduce((sum, size) => sum + size, 0)
    return { fillPerSecond, updatePerSecond, anonBytesMax: load.anonBytesMax, fileBytes, openMs }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/** Memory of this process that no file is behind. */
function anonBytes(): number {
  const status = readFileSync('/proc/self/status', 'utf8')
  return Number(/RssAnon:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024
}
