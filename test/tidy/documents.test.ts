import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { root, sourceFiles, withoutComments } from './tree.ts'

const source = sourceFiles('src')
  .map((file) => withoutComments(file.text))
  .join('\n')

function documentedCodes(): readonly string[] {
  const rows = readFileSync(join(root, 'docs/errors.md'), 'utf8').matchAll(
    /^\| `([A-Z0-9_]+)` +\|/gm,
  )
  return Array.from(rows, (row) => row[1] ?? '')
}

test('every error code that is thrown has one row in docs/errors.md, and every row is thrown', () => {
  const documented = documentedCodes()
  const thrown = Array.from(
    source.matchAll(/new StreamError\(\s*'([A-Z0-9_]+)'/g),
    (m) => m[1] ?? '',
  )
  expect(documented.length).toBe(new Set(documented).size)
  expect(thrown.filter((code) => !documented.includes(code))).toEqual([])
  expect(documented.filter((code) => !source.includes(`'${code}'`))).toEqual([])
})

test('every anchor of ARCHITECTURE.md names something that its file defines', () => {
  const text = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8')
  const anchors = Array.from(text.matchAll(/`(src\/[\w./-]+\.ts):(\w+)`/g))
  const missing = anchors.filter(([, path = '', name = '']) => {
    const definition = new RegExp(`\\b(function|class|const|interface|type) ${name}\\b`)
    return !existsSync(join(root, path)) || !definition.test(readFileSync(join(root, path), 'utf8'))
  })
  expect(anchors.length).toBeGreaterThan(20)
  expect(missing.map(([anchor]) => anchor)).toEqual([])
})
