import { readFileSync } from 'node:fs'
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
