/**
 * `npm run kills [rounds]`: on each persistent backend, a process that flushes is killed so many
 * times (200), each time going on from what the one before it left.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { killed, persistentBackends, type PersistentName } from '../support/state-kills.ts'

const rounds = Number(process.argv[2] ?? 200)
const names = Object.keys(persistentBackends) as readonly PersistentName[]
const scratch = mkdtempSync(join(tmpdir(), 'millrace-kills-'))

try {
  for (const name of names) process.stdout.write(`${name}: ${await verdict(name)}\n`)
} finally {
  rmSync(scratch, { recursive: true, force: true })
}

async function verdict(name: PersistentName): Promise<string> {
  let last = 0
  let moved = 0
  for (let kill = 0; kill < rounds; kill += 1) {
    const { sum, offset } = await killed(name, join(scratch, name), kill)
    if (sum !== offset || offset < last) {
      process.exitCode = 1
      return `round ${kill + 1} left counts of ${sum} at offset ${offset}, after ${last}: WRONG`
    }
    if (offset > last) moved += 1
    last = offset
  }
  return `${rounds} kills, each left one of its flushes; ${moved} flushed before, up to ${last}: ok`
}
