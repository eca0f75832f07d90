import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { scratchDirectory } from '../../../cluster/scratch.ts'
import { loadOf } from '../../../demo/load.ts'
import { progressOf } from '../../../demo/progress.ts'
import { linesBelow } from '../../../demo/text.ts'

test('a text that is too short is repeated by whole lines until it has the words', () => {
  expect(loadOf(['a mill', 'a race'], 5)).toEqual({
    lines: ['a mill', 'a race', 'a mill'],
    words: 6,
  })
})

test('a text that is longer than asked for is taken whole', () => {
  expect(loadOf(['a mill', 'a race', '1 2 3'], 1)).toEqual({
    lines: ['a mill', 'a race', '1 2 3'],
    words: 4,
  })
})

test('a text without words is refused', () => {
  expect(() => loadOf(['1', '2'], 1)).toThrow('there is no word in the text')
})

test('text is found by name in a checkout, and by content in a folder that is named', async () => {
  const scratch = scratchDirectory('text')
  const write = (name: string, content: string | Buffer) => {
    writeFileSync(join(scratch.path, name), content)
  }
  mkdirSync(join(scratch.path, 'node_modules'))
  mkdirSync(join(scratch.path, 'dist'))
  write('README.md', 'first\n\n  second  \n')
  write('node_modules/LICENSE', 'third')
  write('dist/old.md', 'not this')
  write('poem', 'fourth')
  write('picture.txt', Buffer.from([1, 0, 2]))
  expect(await linesBelow(scratch.path, 'by-name')).toEqual(['first', 'second', 'third'])
  expect(await linesBelow(scratch.path, 'by-content')).toEqual([
    'first',
    'second',
    'third',
    'fourth',
  ])
  scratch.remove()
})

test('progress is read from its lines alone, and volumes are added up over threads', () => {
  expect(progressOf('{"level":30,"msg":"progress"}')).toBeUndefined()
  const one = { phase: 'running', epoch: 4, rebalances: 1, records: 10, rate: 5, lag: 2, tasks: 3 }
  const line = JSON.stringify({ progress: [one, { ...one, epoch: 6 }] })
  expect(progressOf(line)).toEqual({
    phase: 'running',
    epoch: 4,
    rebalances: 1,
    records: 20,
    rate: 10,
    lag: 4,
    tasks: 6,
  })
})
