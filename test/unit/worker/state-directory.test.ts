import { mkdtempSync, rmSync } from 'node:fs'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { openIdentity } from '../../../src/worker/state-directory.ts'

let directory = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'millrace-state-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

test('the process id is kept, so that ids are the same after a restart', async () => {
  const first = await openIdentity(directory, 'app', 'auto')
  first.release()
  const second = await openIdentity(directory, 'app', 'auto')
  second.release()
  expect(second.processId).toBe(first.processId)
  expect(second.instanceOf(2)).toBe(`app-${first.processId}-2`)
})

test('a directory in use is refused, another application beside it is not', async () => {
  const held = await openIdentity(directory, 'app', 'auto')
  await expect(openIdentity(directory, 'app', 'auto')).rejects.toThrow(
    /STATE_DIRECTORY_IN_USE.*--state-dir/,
  )
  const other = await openIdentity(directory, 'other', 'auto')
  other.release()
  held.release()
})

test('the lock of a process that was killed is free, and its id is taken over', async () => {
  const module = fileURLToPath(new URL('../../../src/worker/state-directory.js', import.meta.url))
  const script = `import(${JSON.stringify(module)})
    .then((m) => m.openIdentity(${JSON.stringify(directory)}, 'app', 'auto'))
    .then((i) => { console.log(i.processId); setInterval(() => i, 1000) })`
  const child = spawn(process.execPath, ['-e', script])
  const [line] = await once(child.stdout, 'data')
  const refused = await openIdentity(directory, 'app', 'auto').catch(String)
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(refused).toMatch(/STATE_DIRECTORY_IN_USE/)
  const taken = await openIdentity(directory, 'app', 'auto')
  taken.release()
  expect(taken.processId).toBe(String(line).trim())
})

test('without an identity nothing is kept and nothing is locked', async () => {
  const [a, b] = [
    await openIdentity(directory, 'app', 'none'),
    await openIdentity(directory, 'app', 'none'),
  ]
  expect(a.instanceOf(0)).toBeNull()
  expect(a.processId).not.toBe(b.processId)
})

test('an identity of the user is made fit for ids', async () => {
  const identity = await openIdentity(directory, 'app', 'Pod-1')
  identity.release()
  expect(identity.instanceOf(0)).toBe('app-0000pod1-0')
})
