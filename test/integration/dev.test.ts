/** `millrace dev`, as somebody uses it who writes a topology: an editor, lines, output. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { folderOf, RunningCommand } from '../support/command.ts'

const topologyOf = (value: string) => `import { int64, string, topology } from 'millrace'
import { words } from './words.ts'

export default topology('dev-test', (t) => {
  t.stream('lines', { key: string, value: ${value} })
    .groupBy('by-word', (value) => words(value))
    .count('counts')
    .to('out')
})
`
const plain = 'export const words = (value: unknown) => String(value)\n'
const folder = folderOf({
  'lines.txt': 'k:1\nk:2\nk:one\nno separator\nk:1\n',
  'numbers.ts': topologyOf('int64'),
  'text.ts': topologyOf('string'),
  'pattern.ts': topologyOf('string').replace("'lines'", '/^lines-/'),
  'words.ts': plain,
})
afterAll(folder.remove)

const testMs = 60_000

test(
  'dev processes all lines of a file, prints what came out, and ends',
  async () => {
    const args = ['dev', 'numbers.ts', '--no-watch', '--input', 'lines.txt', '--key-separator', ':']
    const dev = new RunningCommand([...args, '--partitions', '3'], folder.path)
    expect(await dev.ended).toBe(0)
    const lines = dev.stdout.trimEnd().split('\n')
    expect(lines.filter((line) => line.includes('\t1\t'))).toEqual(['out\t1\t1', 'out\t1\t2'])
    expect(lines.toSorted()).toEqual(['out\t1\t1', 'out\t1\t2', 'out\t2\t1'])
    expect(dev.stderr).toMatch(/^INPUT_LINE_INVALID: line 3 is left out: int64 cannot write/m)
    expect(dev.stderr).toMatch(/^INPUT_LINE_INVALID: line 4 is left out: it has no ":" between/m)
  },
  testMs,
)

test(
  'dev starts over with all lines when an imported file changes, and waits where it is broken',
  async () => {
    const change = (text: string) => writeFileSync(join(folder.path, 'words.ts'), text)
    const dev = new RunningCommand(['dev', 'text.ts'], folder.path)
    dev.write('a\na\n')
    await dev.prints(/^out\ta\t2$/m)
    change('export const words = (value: unknown) => String(value).toUpperCase()\n')
    await dev.prints(/^out\tA\t2$/m)
    change('export const words = (value: unknown) => {\n')
    await dev.reports(/^TOPOLOGY_FILE_FAILED: [\s\S]*waiting for a change$/m)
    dev.write('b\n')
    change(plain.replace('String(value)', "`${'<'}${String(value)}`"))
    await dev.prints(/^out\t<b\t1$/m)
    expect(dev.stdout).toMatch(/^out\t<a\t2$/m)
    expect(await dev.stop()).toBe(0)
  },
  testMs,
)

test('dev names the topics that there are when it is given another one', async () => {
  const dev = new RunningCommand(['dev', 'text.ts', '--no-watch', '--topic', 'x'], folder.path)
  expect(await dev.ended).toBe(2)
  expect(dev.stderr).toBe('COMMAND_LINE_INVALID: --topic x: the topology reads lines\n')
})

test('dev gives the lines to the topic that it is told where the source is a pattern', async () => {
  const args = ['dev', 'pattern.ts', '--no-watch', '--input', 'lines.txt']
  const dev = new RunningCommand([...args, '--topic', 'lines-a'], folder.path)
  expect(await dev.ended).toBe(0)
  expect(dev.stdout).toMatch(/^out\t.*k:1\t2$/m)
  const untold = new RunningCommand(args, folder.path)
  expect(await untold.ended).toBe(2)
  expect(untold.stderr).toMatch('COMMAND_LINE_INVALID: the topology reads /^lines-/: ')
})
