/** Whatever stands in a configuration: settings, or an error that says which option is wrong. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { environmentName, optionNames } from '../../../src/config/option-table.ts'
import { resolveSettings } from '../../../src/config/settings.ts'
import { loadSettings } from '../../../src/config/sources.ts'

const directory = mkdtempSync(join(tmpdir(), 'millrace-configuration-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const name = fc.oneof(
  fc.constantFrom<string>(...optionNames),
  fc.constantFrom('__proto__', 'constructor', 'toString', ''),
  fc.string(),
)
const written = fc.oneof(
  fc.anything(),
  fc.constantFrom('1s', '-1s', '1e400ms', '0x10', 'NaN', '9999999999999999d', '1 KiB', '', ' '),
  fc.stringMatching(/^-?[0-9.e+]{0,12}(ms|s|m|h|d|B|kB|KiB|GiB)?$/),
)
const values = fc
  .array(fc.tuple(name, written), { maxLength: 5 })
  .map((all) => Object.fromEntries(all))

function expectDecided(resolve: () => object): void {
  try {
    const settings = Object.values(resolve())
    expect(settings.filter((value) => Number.isNaN(value) || value === Infinity)).toEqual([])
  } catch (error) {
    const codes = ['OPTION_INVALID', 'CONFIGURATION_FILE_UNREADABLE']
    expect(codes).toContain((error as { code?: string }).code)
  }
}

test('values of any kind give settings or OPTION_INVALID', () => {
  fc.assert(
    fc.property(values, (values) => {
      expectDecided(() => resolveSettings({ file: { path: 'x.yaml', values } }))
      expectDecided(() => resolveSettings({ options: values }))
    }),
    { numRuns: 300 },
  )
})

test('text of any kind in the environment and in flags gives settings or OPTION_INVALID', () => {
  const texts = fc.array(fc.tuple(fc.constantFrom(...optionNames), fc.string()), { maxLength: 4 })
  fc.assert(
    fc.property(texts, (texts) => {
      const environment = Object.fromEntries(
        texts.map(([option, text]) => [environmentName(option), text]),
      )
      expectDecided(() => resolveSettings({ environment }))
      expectDecided(() => resolveSettings({ flags: Object.fromEntries(texts) }))
    }),
    { numRuns: 300 },
  )
})

test('a configuration file of any text gives settings or a documented error', () => {
  const file = join(directory, 'x.yaml')
  const yaml = fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc.json(),
    fc.array(fc.tuple(name, fc.string()), { maxLength: 4 }).map((all) => {
      return all.map(([key, value]) => `${key}: ${value}`).join('\n')
    }),
    fc.constantFrom('&a [*a]', 'a: &x [*x, *x]', '? ? ?', '- 1', '!!js/function x', '%YAML 9.9'),
  )
  fc.assert(
    fc.property(yaml, (text) => {
      writeFileSync(file, text)
      expectDecided(() => loadSettings({ file }))
    }),
    { numRuns: 150 },
  )
})
