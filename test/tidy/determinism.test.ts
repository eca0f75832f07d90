import { expect, test } from '@jest/globals'
import { codeOnly, sourceFiles } from './tree.ts'

/** What a simulation runs; all else of it is pure, which `imports.test.ts` holds. */
const simulated = ['src/kafka/client', 'src/worker', 'src/testing/simulation']
/** Directories, locks and the machine: a simulated worker has others. */
const outside = [
  'src/worker/boot-id.ts',
  'src/worker/file-lock.ts',
  'src/worker/state-directory.ts',
  'src/worker/task-directories.ts',
]
const own =
  /\bDate\.now\b|\bnew Date\b|\bMath\.random\b|\bset(Timeout|Interval|Immediate)\b|\bperformance\.|\brandom(UUID|Bytes|Int)\b|\bAbortSignal\.timeout\b/

test('what is simulated has no clock, timer, randomness or file of its own', () => {
  const files = sourceFiles(...simulated).filter(({ path }) => !outside.includes(path))
  const node = files.filter(({ imports }) =>
    imports.some(({ specifier, typeOnly }) => !typeOnly && specifier.startsWith('node:')),
  )
  expect(node.map(({ path }) => path)).toEqual([])
  const found = files.flatMap(({ path, text }) =>
    codeOnly(text)
      .split('\n')
      .flatMap((line, i) => (own.test(line) ? [`${path}:${i + 1} ${line.trim()}`] : [])),
  )
  // Between two events: it lets chains of promises end, and no time passes.
  expect(found).toEqual([expect.stringMatching(/scheduler\.ts:\d+ setImmediate\(resolve\)/)])
})
