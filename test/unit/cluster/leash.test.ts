import { expect, test } from '@jest/globals'
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { leash, runToEnd } from '../../../cluster/leash.ts'
import { scratchDirectory } from '../../../cluster/scratch.ts'
import { eventually } from '../../../cluster/eventually.ts'

const module = (path: string) => fileURLToPath(new URL(`../../../cluster/${path}`, import.meta.url))

test('a program on a leash gives its lines and its exit code', async () => {
  const lines: string[] = []
  const program = await leash('/bin/sh', ['-c', 'echo out; echo err >&2; exit 3'], {
    onLine: (line, from) => lines.push(`${from} ${line}`),
  })
  expect(await program.exited).toEqual({ code: 3 })
  expect(lines.sort()).toEqual(['stderr err', 'stdout out'])
})

test('the pid is that of the program, so that a signal reaches it alone', async () => {
  const program = await leash('/bin/sh', ['-c', 'echo $$; exec sleep 60'])
  program.signal('SIGKILL')
  expect(await program.exited).toEqual({ code: 137 })
})

test('a program that fails makes runToEnd reject with its last line', async () => {
  await expect(runToEnd('/bin/sh', ['-c', 'echo first; echo last >&2; exit 1'])).rejects.toThrow(
    'last',
  )
  expect(await runToEnd('/bin/sh', ['-c', 'echo fine'])).toBe('fine')
})

test('a SIGKILL to the holder ends a stopped program and its scratch directory too', async () => {
  const code = `
    const { leash } = await import(${JSON.stringify(module('leash.js'))})
    const { scratchDirectory } = await import(${JSON.stringify(module('scratch.js'))})
    const scratch = scratchDirectory('test')
    const program = await leash('sleep', ['60'])
    program.signal('SIGSTOP')
    process.stdout.write(program.pid + ' ' + scratch.path)`
  const holder = spawn(process.execPath, ['--input-type=module', '-e', code])
  const said = await new Promise<string>((resolve) => {
    holder.stdout.once('data', (data) => resolve(String(data)))
  })
  const [pid = '', path = ''] = said.split(' ')
  expect(existsSync(path)).toBe(true)
  holder.kill('SIGKILL')
  await eventually(() => expect([existsSync(path), isAlive(Number(pid))]).toEqual([false, false]))
})

test('a scratch directory is removed on request', () => {
  const scratch = scratchDirectory('test')
  expect(existsSync(scratch.path)).toBe(true)
  scratch.remove()
  expect(existsSync(scratch.path)).toBe(false)
})

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
