/** defaults < configuration file < environment < flags or `start()` options → checked settings. */
import { StreamError } from '../model/errors.ts'
import type { Duration } from '../model/duration.ts'
import type { Size } from '../model/size.ts'
import { crossChecks } from './cross-checks.ts'
import {
  environmentName,
  flagName,
  isOptionName,
  optionNames,
  optionTable,
} from './option-table.ts'
import type { OptionName, Settings } from './option-table.ts'

/** Options as users write them in code: durations and sizes as numbers or text with a unit. */
export type OptionsInput = { readonly [Name in OptionName]?: Written<Settings[Name]> | undefined }
type Written<Value> = number extends Value ? Value | Duration | Size : Value

/** Where values come from, weakest first; names in the words that a user knows. */
export interface OptionSources {
  /** Contents of the configuration file, and its path for messages. */
  readonly file?: { readonly path: string; readonly values: Readonly<Record<string, unknown>> }
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** Text values by option name, from the command line. */
  readonly flags?: Readonly<Record<string, string | undefined>>
  readonly options?: OptionsInput
}

interface Found {
  readonly value: unknown
  readonly source: string
}

/** @throws StreamError `OPTION_INVALID` that lists every wrong value with its source. */
export function resolveSettings(sources: OptionSources): Settings {
  const problems: string[] = unknownNames(sources)
  const values: Record<string, unknown> = {}
  const origins = new Map<OptionName, string>()
  for (const name of optionNames) {
    const found = lookUp(name, sources)
    origins.set(name, found.source)
    const result = optionTable[name].schema.safeParse(found.value)
    if (result.success) values[name] = result.data
    else problems.push(wrongValue(name, found, result.error.issues[0]?.message ?? 'wrong value'))
  }
  refuse(problems)
  const settings = complete(values)
  refuse(
    crossChecks.flatMap((check) => {
      const problem = check.problem(settings)
      if (problem === undefined) return []
      const places = check.options.map((name) => `${name} from ${origins.get(name) ?? 'default'}`)
      return [`${problem} (${places.join(', ')})`]
    }),
  )
  return settings
}

function refuse(problems: readonly string[]): void {
  if (problems.length === 0) return
  throw new StreamError(
    'OPTION_INVALID',
    `${problems.join('; ')}. docs/configuration.md lists every option`,
    { domain: 'user', recovery: 'fatal' },
  )
}

function lookUp(name: OptionName, sources: OptionSources): Found {
  const { fromText, initial } = optionTable[name]
  const given = sources.options?.[name]
  if (given !== undefined) return { value: given, source: 'options' }
  const flag = sources.flags?.[name]
  if (flag !== undefined) return { value: fromText(flag), source: flagName(name) }
  const variable = sources.environment?.[environmentName(name)]
  if (variable !== undefined && variable !== '') {
    return { value: fromText(variable), source: environmentName(name) }
  }
  const filed = sources.file?.values[name]
  if (filed !== undefined && filed !== null) {
    return { value: filed, source: sources.file?.path ?? 'file' }
  }
  return { value: initial, source: 'default' }
}

function wrongValue(name: OptionName, found: Found, message: string): string {
  const shown = optionTable[name].secret ? '(secret)' : JSON.stringify(found.value)
  return `${name} = ${shown} from ${found.source}: ${message}`
}

function unknownNames({ file, options, environment }: OptionSources): string[] {
  const filed = Object.keys(file?.values ?? {}).map((name) => ({ name, source: file?.path ?? '' }))
  const given = Object.keys(options ?? {}).map((name) => ({ name, source: 'options' }))
  const known = new Set(optionNames.map(environmentName))
  const reserved = /^MILLRACE_(TEST_|KAFKA|DEMO_)/
  const variables = Object.keys(environment ?? {}).filter(
    (name) => name.startsWith('MILLRACE_') && !known.has(name) && !reserved.test(name),
  )
  return [
    ...[...filed, ...given]
      .filter(({ name }) => !isOptionName(name))
      .map(({ name, source }) => `unknown option ${name} in ${source}${suggestion(name)}`),
    ...variables.map((name) => `unknown option ${name} in the environment`),
  ]
}

function suggestion(name: string): string {
  const flat = (word: string) => word.toLowerCase().replace(/[^a-z]|ms$/g, '')
  const near = optionNames.find((known) => flat(known) === flat(name))
  return near === undefined ? '' : ` (did you mean ${near}?)`
}

/** Every name went through its own schema; what the compiler cannot see is that none is missing. */
function complete(values: Readonly<Record<string, unknown>>): Settings {
  return values as unknown as Settings
}
