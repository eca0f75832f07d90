/** Reads the configuration file and the environment of this process. */
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type * as yaml from 'yaml'
import { StreamError } from '../model/errors.ts'
import type { Settings } from './option-table.ts'
import { type OptionSources, type OptionsInput, resolveSettings } from './settings.ts'

export const configurationFile = 'millrace.config.yaml'

/**
 * Settings for this process.
 * @param given Options from code, text values of flags, and a configuration file other than
 *   `millrace.config.yaml` in the working directory (which may be missing; a named one may not).
 * @throws StreamError `OPTION_INVALID`, `CONFIGURATION_FILE_UNREADABLE`
 */
export function loadSettings(given: {
  readonly options?: OptionsInput
  readonly flags?: Readonly<Record<string, string | undefined>>
  readonly file?: string | undefined
}): Settings {
  const path = given.file ?? configurationFile
  const file = given.file !== undefined || existsSync(path) ? readFile(path) : undefined
  const sources: OptionSources = {
    ...(file === undefined ? {} : { file: { path, values: file } }),
    environment: process.env,
    ...(given.flags === undefined ? {} : { flags: given.flags }),
    ...(given.options === undefined ? {} : { options: given.options }),
  }
  return resolveSettings(sources)
}

function readFile(path: string): Readonly<Record<string, unknown>> {
  try {
    // Where there is no file, a start need not read the parser.
    const { parse } = createRequire(import.meta.url)('yaml') as typeof yaml
    const content: unknown = parse(readFileSync(path, 'utf8')) ?? {}
    if (isRecord(content)) return content
    throw new Error('expected a mapping of options to values')
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new StreamError(
      'CONFIGURATION_FILE_UNREADABLE',
      `${path} is not a readable YAML file of options: ${reason}`,
      { domain: 'user', recovery: 'fatal', cause },
    )
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
