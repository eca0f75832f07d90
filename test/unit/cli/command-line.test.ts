import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, jest, test } from '@jest/globals'
import {
  type Ended,
  folderOf,
  millrace,
  millraceEach,
  RunningCommand,
} from '../../support/command.ts'

// Processes start slowly on a busy machine.
jest.setTimeout(60_000)

const root = resolve(fileURLToPath(import.meta.url), '../../../../..')
const wordCount = resolve(root, 'topologies/word-count.ts')
const golden = (name: string) => readFileSync(resolve(root, 'test/golden/expected', name), 'utf8')

const importLine = "import { topology } from 'millrace'\n"
const folder = folderOf({
  'good.ts': `${importLine}const name: string = 'good'
export default topology(name, (t) => t.stream('in').to('out'))`,
  'good.mjs': `${importLine}export default topology('good', (t) => t.stream('in').to('out'))`,
  'enum.ts': `${importLine}enum A { x }\nexport default topology('a', (t) => void t.stream('b'))`,
  'refused.ts': `${importLine}\nexport default topology('a b', (t) => void t.stream('b'))`,
  'named.ts': `${importLine}export const flow = topology('a', (t) => void t.stream('b'))`,
  'throws.ts': `${importLine}export default topology('a', (t) => {\n  t.stream('b').fold()\n})`,
  'missing.ts': `import { x } from 'not-installed'\nexport default x`,
  'syntax.ts': 'export default 1 +',
  'function.ts': 'export default () => 1',
  'nothing.ts': 'export {}',
  'table.csv': 'a,b',
})
afterAll(folder.remove)

test('a file outside of any package finds millrace, in TypeScript and JavaScript', async () => {
  const [ts, js] = await millraceEach(
    [
      ['describe', 'good.ts'],
      ['describe', 'good.mjs'],
    ],
    folder.path,
  )
  expect(ts).toEqual({ code: 0, stdout: expect.stringContaining('Topology good'), stderr: '' })
  expect(js).toEqual(ts)
})

test('describe and explain print what the golden files say', async () => {
  const text = await millrace(['describe', wordCount])
  expect(text).toEqual({ code: 0, stdout: golden('word-count.describe.txt'), stderr: '' })
  const [mermaid, explained] = await millraceEach([
    ['describe', wordCount, '--format', 'mermaid'],
    ['explain', wordCount, '--partitions', 'lines=4,word-counts=4'],
  ])
  expect(mermaid?.stdout).toBe(golden('word-count.describe.mermaid'))
  expect(explained?.stdout).toBe(golden('word-count.explain-four.txt'))
})

const wrongFiles: readonly [file: string, message: string | RegExp][] = [
  ['absent.ts', /^TOPOLOGY_FILE_MISSING: there is no file absent\.ts in .*: check the path\n$/],
  ['good', /^TOPOLOGY_FILE_MISSING: .*: did you mean good\.ts\?\n$/],
  ['table.csv', 'TOPOLOGY_FILE_UNSUPPORTED: table.csv is no module: a topology file ends in .ts,'],
  ['enum.ts', /^TOPOLOGY_FILE_FAILED: enum\.ts .* Node\.js only strips types: enums, namesp/],
  ['refused.ts', /^INVALID_NAME: the name of the topology is "a b": .* \(at refused\.ts:3\)\n$/],
  ['named.ts', 'TOPOLOGY_NOT_EXPORTED: named.ts exports a topology as "flow", not as its default'],
  ['throws.ts', /TypeError: t\.stream\(\.\.\.\)\.fold is not a function \(at throws\.ts:3\)\n$/],
  ['missing.ts', /^TOPOLOGY_FILE_FAILED: .*'not-installed' .*; install the package, or write/],
  ['syntax.ts', /^TOPOLOGY_FILE_FAILED: syntax\.ts cannot be loaded: SyntaxError: .*syntax\.ts:1/],
  ['function.ts', 'TOPOLOGY_NOT_EXPORTED: function.ts exports a function as its default'],
  ['nothing.ts', 'TOPOLOGY_NOT_EXPORTED: nothing.ts has no default export: write export default'],
]

test('a file that is no topology is named with one line that says what to do', async () => {
  const lines = wrongFiles.map(([file]) => ['describe', file])
  const ended = await millraceEach(lines, folder.path)
  for (const [at, [, message]] of wrongFiles.entries()) oneLine(ended[at], message)
})

function oneLine(ended: Ended | undefined, message: string | RegExp): void {
  const lines = ended?.stderr.split('\n').length
  expect({ code: ended?.code, stdout: ended?.stdout, lines }).toEqual({
    code: 2,
    stdout: '',
    lines: 2,
  })
  if (typeof message === 'string') expect(ended?.stderr).toContain(message)
  else expect(ended?.stderr).toMatch(message)
}

const wrongLines: readonly [args: readonly string[], message: string][] = [
  [[], 'COMMAND_LINE_INVALID: no command; millrace --help lists them'],
  [['desribe'], "COMMAND_LINE_INVALID: unknown command 'desribe' (Did you mean describe?)"],
  [['describe'], "COMMAND_LINE_INVALID: missing required argument 'file'; see millrace --help"],
  [['describe', 'x', '--frmat', 'text'], "unknown option '--frmat' (Did you mean --format?)"],
  [['describe', 'x', '--format', 'svg'], 'Allowed choices are text, mermaid, json; see'],
  [['explain', 'x', '--partitions', 'a'], '"a" is not topic=count; see millrace --help'],
  [['broker', '--port', '70000'], 'Expected 0 (any free port) to 65535; see millrace --help'],
]

test('a command line that is wrong is answered with one line that says what to do', async () => {
  const ended = await millraceEach(wrongLines.map(([args]) => args))
  for (const [at, [, message]] of wrongLines.entries()) oneLine(ended[at], message)
})

test('--verbose adds the stack of an error and of its cause', async () => {
  const { stderr } = await millrace(['describe', 'syntax.ts', '--verbose'], folder.path)
  expect(stderr).toMatch(/^TOPOLOGY_FILE_FAILED: /)
  expect(stderr).toMatch(/\n {4}at .*\ncaused by [\s\S]*SyntaxError/)
})

test('broker listens until it is asked to stop, and says where', async () => {
  const broker = new RunningCommand(['broker', '--port', '0', '--topic', 'lines:4'])
  const [, address] = await broker.prints(/^brokers: (127\.0\.0\.1:\d+)\n/)
  const port = String(address).split(':')[1] ?? ''
  const second = await millrace(['broker', '--port', port])
  expect(second).toMatchObject({ code: 1, stdout: '' })
  expect(second.stderr).toMatch(/^BROKER_PORT_TAKEN: cannot listen on 127\.0\.0\.1:\d+: .*port\n$/)
  expect(await broker.stop()).toBe(0)
})
