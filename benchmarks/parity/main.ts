/**
 * Millrace beside Kafka Streams, in the test drivers of both: the same seeded input, a record at a
 * time, what comes out compared byte by byte after each. `npm run parity -- [--seeds=20]
 * [--records=80] [--cases=count,stream-join]`.
 */
import { parseArgs } from 'node:util'
import { parityInput, type ParityRecord } from './inputs.ts'
import { askKafkaStreams, type Line, wordOf } from './java-twins.ts'
import { askMillrace, topicsOf } from './millrace-twins.ts'
import { twins, type Twin } from './twins/index.ts'

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '20' },
    'first-seed': { type: 'string', default: '1' },
    records: { type: 'string', default: '80' },
    cases: { type: 'string' },
  },
})
const say = (text: string) => process.stdout.write(`${text}\n`)
const names = values.cases?.split(',') ?? [...twins.keys()]
const seeds = Array.from(
  { length: Number(values.seeds) },
  (_, at) => at + Number(values['first-seed']),
)

const cases = names.map((name) => {
  const twin = twins.get(name)
  if (twin === undefined) throw new Error(`there is no twin ${name}`)
  const shape = { ...twin, topics: topicsOf(name, twin.build), records: Number(values.records) }
  return { name, twin, runs: seeds.map((seed) => ({ seed, input: [...parityInput(seed, shape)] })) }
})
const answers = await askKafkaStreams(
  cases.flatMap(({ name, runs }) => runs.map(({ input }) => ({ name, input }))),
  say,
)
let at = 0
let different = 0
for (const { name, twin, runs } of cases) {
  let records = 0
  let problem: string | undefined
  for (const { seed, input } of runs) {
    const theirs = answers[at++] ?? []
    records += theirs.flat().length
    problem ??= firstDifference(theirs, { seed, input }, twin, () =>
      askMillrace(name, twin.build, input),
    )
  }
  if (problem !== undefined) different++
  say(`${name.padEnd(26)} ${String(records).padStart(6)} records out: ${problem ?? 'equal'}`)
}
say(`${cases.length - different} of ${cases.length} topologies equal, ${seeds.length} seeds each`)
process.exitCode = different === 0 ? 0 : 1

function firstDifference(
  theirs: readonly (readonly Line[])[],
  { seed, input }: { readonly seed: number; readonly input: readonly ParityRecord[] },
  { compare }: Twin,
  ask: () => readonly (readonly Line[])[],
): string | undefined {
  let ours: readonly (readonly Line[])[]
  try {
    ours = ask()
  } catch (error) {
    return `seed ${seed}: ${error instanceof Error ? error.message : String(error)}`
  }
  if (compare === 'all') return differenceOfAll(theirs.flat(), ours.flat(), seed)
  const [left, right] = [theirs, ours].map((steps) => comparable(steps, compare))
  for (const [step, lines] of (left ?? []).entries()) {
    const mine = right?.[step] ?? []
    if (mine.join('\n') === lines.join('\n')) continue
    const { topic = '', key = null, value = null, timestamp } = input[step] ?? {}
    const record = shown([`${topic} ${wordOf(key)} ${wordOf(value)} ${timestamp}`])
    return `seed ${seed}, record ${step}, ${record}: ${shown(lines)} there, ${shown(mine)} here`
  }
  return undefined
}

function differenceOfAll(theirs: readonly Line[], ours: readonly Line[], seed: number) {
  const left = [...theirs]
  const extra = ours.filter((line) => {
    const at = left.indexOf(line)
    if (at >= 0) left.splice(at, 1)
    return at < 0
  })
  if (left.length + extra.length === 0) return undefined
  return `seed ${seed}: only there ${shown(left)}, only here ${shown(extra)}`
}

function comparable(
  steps: readonly (readonly Line[])[],
  compare: Twin['compare'],
): readonly (readonly Line[])[] {
  if (compare === 'windows') return steps.map((lines) => lines.toSorted())
  if (compare === 'changes') return changesOf(steps)
  if (compare !== 'rows') return steps
  return changesOf(steps).map((lines) => lines.map((line) => line.replace(/ - \d+$/, ' -')))
}

/** Without deletions of rows that are not there, or are there again at once. */
function changesOf(steps: readonly (readonly Line[])[]): readonly (readonly Line[])[] {
  const rows = new Set<string>()
  return steps.map((lines) =>
    lines.filter((line, at) => {
      const [topic, key, value] = line.split(' ')
      const row = `${topic} ${key}`
      if (value !== '-') return rows.add(row)
      return rows.delete(row) && !lines[at + 1]?.startsWith(`${row} x`)
    }),
  )
}

/** Readable where keys and values are. */
function shown(lines: readonly Line[]): string {
  if (lines.length === 0) return 'nothing'
  return lines
    .map((line) => {
      const [topic, key = '', value = '', time] = line.split(' ')
      return `${topic}[${textOf(key)}=${textOf(value)}@${time}]`
    })
    .join(' ')
}

function textOf(word: string): string {
  if (word === '-') return 'null'
  const bytes = Buffer.from(word.slice(1), 'hex')
  return bytes.every((byte) => byte >= 0x20 && byte < 0x7f) ? `'${bytes.toString()}'` : word
}
