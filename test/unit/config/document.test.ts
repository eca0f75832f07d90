import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { renderConfigurationDoc } from '../../../src/config/document.ts'
import { crossChecks } from '../../../src/config/cross-checks.ts'
import { optionNames, optionTable } from '../../../src/config/option-table.ts'

test('docs/configuration.md is what the option table says (npm run docs writes it)', () => {
  expect(readFileSync('docs/configuration.md', 'utf8')).toBe(renderConfigurationDoc())
})

test('every default passes its own check', () => {
  const refused = optionNames.filter(
    (name) => !optionTable[name].schema.safeParse(optionTable[name].initial).success,
  )
  expect(refused).toEqual([])
  expect(crossChecks.length).toBeGreaterThan(5)
})
