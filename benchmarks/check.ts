/**
 * A guard against regressions: `npm run bench:check`. Compares ratios to limits measured in the
 * same rounds with those in `expected.json`, and ends with code 1 when one is worse by more than
 * its tolerance. `-- --record` writes what was measured into that file instead.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { projectRoot } from '../cluster/root.ts'
import { type ExpectedRatio, judge, type Judged, passes } from './check/judge.ts'
import { verdictTable } from './check/table.ts'
import { benchKafka } from './harness/bench-kafka.ts'
import { benchOptions } from './harness/options.ts'
import type { Run } from './harness/results.ts'
import { Rounds } from './harness/rounds.ts'

interface Expected {
  readonly records: number
  readonly rounds: number
  readonly ratios: readonly ExpectedRatio[]
}

const path = join(projectRoot, 'benchmarks/expected.json')
const { values } = parseArgs({ options: { record: { type: 'boolean', default: false } } })
const expected = JSON.parse(readFileSync(path, 'utf8')) as Expected
const say = (text: string) => process.stderr.write(`${text}\n`)

const judged = judge(expected.ratios, await measureAll(expected))
process.stdout.write(`${verdictTable(judged)}\n`)
if (values.record) record(judged)
else conclude(judged)

async function measureAll({ ratios, records, rounds }: Expected): Promise<readonly Run[]> {
  const unique = (names: readonly string[]) => Array.from(new Set(names)).join(',')
  const options = benchOptions([
    `--workloads=${unique(ratios.map(({ workload }) => workload))}`,
    `--subjects=${unique(ratios.flatMap(({ subject, baseline }) => [subject, baseline]))}`,
    `--records=${records}`,
    `--rounds=${rounds}`,
  ])
  const kafka = await benchKafka(say)
  try {
    const runs: Run[] = []
    for await (const run of new Rounds(kafka, options, say).runs()) runs.push(run)
    return runs
  } finally {
    await kafka.close()
  }
}

function conclude(judged: readonly Judged[]): void {
  if (passes(judged)) return
  say('a ratio fell, or nothing could be compared: see the table')
  process.exitCode = 1
}

/** Rows that were not measured stay as they are. */
function record(judged: readonly Judged[]): void {
  const ratios = judged.map(({ expected: row, verdict }) =>
    'measured' in verdict ? { ...row, ratio: Number(verdict.measured.median.toFixed(3)) } : row,
  )
  writeFileSync(path, `${JSON.stringify({ ...expected, ratios }, undefined, 2)}\n`)
}
