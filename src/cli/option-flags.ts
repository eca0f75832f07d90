/** Every option as a flag, for the commands that connect. */
import type { Command } from 'commander'
import { flagName, optionNames, optionTable } from '../config/option-table.ts'

export function addOptionFlags(command: Command): void {
  for (const name of optionNames) {
    const { type, doc } = optionTable[name]
    command.option(`${flagName(name)} <${type}>`, doc)
  }
}

/** Commander has checked the names; what they mean is checked with all other sources. */
export function optionFlags(
  flags: Readonly<Record<string, unknown>>,
): Readonly<Record<string, string>> {
  const given = optionNames.flatMap((name) => {
    const value = flags[name]
    return typeof value === 'string' ? [[name, value] as const] : []
  })
  return Object.fromEntries(given)
}
