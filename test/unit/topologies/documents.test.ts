import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'

test('docs/process-functions.md shows a topology that is tested', () => {
  const page = readFileSync('docs/process-functions.md', 'utf8')
  expect(page).toContain(readFileSync('topologies/fraud-detection.ts', 'utf8'))
})
