/** Writes docs/configuration.md from the option table; a test holds the two equal. */
import type { Section } from './option.ts'
import { environmentName, flagName, optionNames, optionTable } from './option-table.ts'
import type { OptionName } from './option-table.ts'

const sections: readonly Section[] = [
  'Kafka',
  'Application',
  'Epochs',
  'Group',
  'State',
  'Reading',
  'Writing',
  'Operations',
  'Tools',
]

const introduction = `# Configuration

Written by \`npm run docs\` from \`src/config/option-table.ts\`: change it there.

A value comes from the strongest place that has one: flags of \`millrace run\` or the options of
\`start()\`, then the environment, then \`millrace.config.yaml\` in the working directory (option
names as keys), then the default. Durations are milliseconds or text with a unit (\`'500ms'\`,
\`'15s'\`, \`'5m'\`, \`'1h'\`, \`'7d'\`), sizes bytes or text with a unit
(\`'64KiB'\`, \`'12MiB'\`). Lists are separated by commas, structures are
JSON in flags and environment.
`

export function renderConfigurationDoc(): string {
  const parts = sections.map((section) => {
    const names = optionNames.filter((name) => optionTable[name].section === section)
    return `## ${section}\n\n${table(names)}`
  })
  return `${introduction}\n${parts.join('\n')}`
}

const head = ['option', 'type', 'default', 'range', 'meaning', 'flag and environment']

/** Columns are padded to their widest cell, as the formatter wants them. */
function table(names: readonly OptionName[]): string {
  const body = names.map((name) => {
    const { type, initial, range, doc } = optionTable[name]
    const outside = `\`${flagName(name)}\` \`${environmentName(name)}\``
    return [`\`${name}\``, type, shown(initial), range, doc, outside]
  })
  const widths = head.map((title, i) =>
    Math.max(title.length, ...body.map((cells) => cells[i]?.length ?? 0)),
  )
  const rows = [head, widths.map((width) => '-'.repeat(width)), ...body]
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |\n`
  return rows.map(line).join('')
}

function shown(initial: string | number | readonly string[] | undefined): string {
  if (initial === undefined) return '–'
  return `\`${typeof initial === 'object' ? initial.join(',') : initial}\``
}
