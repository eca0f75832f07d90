/** `test/chaos/topologies/smoke-test.ts` against its input, both read from Kafka. */
import type { LogRecord } from './committed.ts'
import { differences, type Rows } from './differences.ts'
import { LogReader } from './log-reader.ts'
import { hangingPartitions, partitionsBehind } from './settled.ts'

const application = 'smoke-test'
const single = [
  'echo',
  'min-raw',
  'min-suppressed',
  'sws-suppressed',
  'dif',
  'avg',
  'tagg',
] as const
const tables = ['min', 'max', 'sum', 'cnt'] as const
const repartition = `${application}-by-count-repartition`

/** Its topics, by their documented names: see `subject.ts`. */
export const smoke = {
  application,
  input: 'data',
  outputs: [...single, ...tables],
  /** All that it has to work off: it reads some of what it writes. */
  worked: ['data', ...tables, repartition],
} as const

const dayMs = 86_400_000
const hopMs = 1_000
const settleMs = 15_000

interface Expected {
  readonly byKey: ReadonlyMap<string, KeyTotals>
  /** By key and start. */
  readonly minima: ReadonlyMap<string, number>
  readonly sums: ReadonlyMap<string, number>
  /** By partition, in order. */
  readonly echo: readonly (readonly string[])[]
}

interface KeyTotals {
  readonly min: number
  readonly max: number
  readonly sum: number
  readonly cnt: number
}

/**
 * The strict rules: the last value of each key is right, each count of a key was told once and in
 * its order, each closed window once, and the echo is the input, partition by partition.
 */
export async function verifySmoke(brokers: string) {
  const reader = await LogReader.connect(brokers)
  try {
    const written = [...smoke.outputs, repartition]
    const expected = await expectedOf(reader)
    const echo = await partitionsOf(reader, 'echo')
    const problems = [
      ...(await hangingPartitions(reader, application, written, settleMs)),
      ...(await partitionsBehind(reader, application, smoke.worked)),
      ...echo.flatMap((lines, partition) =>
        echoProblem(expected.echo[partition], lines, partition),
      ),
      ...(await countProblems(reader)),
      ...(await windowProblems(reader, 'min-suppressed', expected.minima)),
      ...(await windowProblems(reader, 'sws-suppressed', expected.sums)),
      ...(await lastProblems(reader, expected)),
    ]
    const records = expected.echo.reduce((sum, { length }) => sum + length, 0)
    const windows = expected.minima.size + expected.sums.size
    return { problems, compared: { records, keys: expected.byKey.size, windows } }
  } finally {
    await reader.close()
  }
}

async function expectedOf(reader: LogReader): Promise<Expected> {
  const byKey = new Map<string, KeyTotals>()
  const minima = new Map<string, number>()
  const sums = new Map<string, number>()
  await reader.readAll(smoke.input, (_, { key, value, timestamp }) => {
    const name = key?.toString() ?? ''
    if (name === 'flush') return
    const number = value?.readInt32BE() ?? 0
    const { min, max, sum, cnt } = byKey.get(name) ?? { min: number, max: number, sum: 0, cnt: 0 }
    byKey.set(name, {
      min: Math.min(min, number),
      max: Math.max(max, number),
      sum: sum + number,
      cnt: cnt + 1,
    })
    const time = Number(timestamp)
    const day = `${name}@${time - (time % dayMs)}`
    minima.set(day, Math.min(minima.get(day) ?? number, number))
    const start = time - (time % hopMs)
    for (const window of [`${name}@${start - hopMs}`, `${name}@${start}`]) {
      sums.set(window, (sums.get(window) ?? 0) + number)
    }
  })
  return { byKey, minima, sums, echo: await partitionsOf(reader, smoke.input) }
}

async function partitionsOf(reader: LogReader, topic: string): Promise<string[][]> {
  const lines: string[][] = []
  await reader.readAll(topic, (partition, { key, value }) => {
    const some = (lines[partition] ??= [])
    if (key?.toString() !== 'flush') some.push(`${key?.toString()}=${value?.readInt32BE()}`)
  })
  return lines
}

function echoProblem(
  sent: readonly string[] = [],
  echoed: readonly string[],
  partition: number,
): readonly string[] {
  const at = Math.max(sent.length, echoed.length)
  const first = Array.from({ length: at }, (_, index) => index).find(
    (index) => sent[index] !== echoed[index],
  )
  if (first === undefined) return []
  return [`echo-${partition}: record ${first} is ${echoed[first]}, and should be ${sent[first]}`]
}

/** Each count of a key follows the one before it: nothing was counted twice, or left out. */
async function countProblems(reader: LogReader): Promise<readonly string[]> {
  const problems: string[] = []
  const last = new Map<string, number>()
  await reader.readAll('cnt', (_, { key, value }) => {
    const name = key?.toString() ?? ''
    const count = Number(value?.readBigInt64BE())
    const before = last.get(name) ?? 0
    if (count !== before + 1) problems.push(`cnt: ${name} goes from ${before} to ${count}`)
    last.set(name, count)
  })
  return problems.slice(0, 5)
}

/** Every window that has closed was told once, with its final value. */
async function windowProblems(
  reader: LogReader,
  topic: string,
  expected: ReadonlyMap<string, number>,
): Promise<readonly string[]> {
  const told = new Map<string, readonly number[]>()
  await reader.readAll(topic, (_, { key, value }) => {
    const end = (key?.length ?? 0) - 8
    const window = `${key?.subarray(0, end).toString()}@${key?.readBigInt64BE(end)}`
    told.set(window, [...(told.get(window) ?? []), numberIn(value)])
  })
  const once = new Map(Array.from(expected, ([window, value]) => [window, [value]]))
  return differences(topic, once, told).slice(0, 5)
}

async function lastProblems(reader: LogReader, { byKey }: Expected): Promise<readonly string[]> {
  const expect = (of: (totals: KeyTotals) => number): Rows =>
    new Map(Array.from(byKey, ([key, totals]) => [key, of(totals)]))
  const tagged = new Map<string, number>()
  for (const { cnt } of byKey.values()) tagged.set(`${cnt}`, (tagged.get(`${cnt}`) ?? 0) + 1)
  const wanted: readonly (readonly [string, Rows])[] = [
    ['min', expect(({ min }) => min)],
    ['max', expect(({ max }) => max)],
    ['sum', expect(({ sum }) => sum)],
    ['cnt', expect(({ cnt }) => cnt)],
    ['dif', expect(({ min, max }) => max - min)],
    ['avg', expect(({ sum, cnt }) => sum / cnt)],
    ['tagg', tagged],
  ]
  const problems: string[] = []
  for (const [topic, rows] of wanted) {
    const read = topic === 'avg' ? (value: Buffer) => value.readDoubleBE() : numberIn
    problems.push(...differences(topic, rows, await lastOf(reader, topic, read)).slice(0, 5))
  }
  return problems
}

/** The last value of each key; a group that has no rows any more counts as none. */
async function lastOf(
  reader: LogReader,
  topic: string,
  read: (value: Buffer) => number,
): Promise<Rows> {
  const rows = new Map<string, number>()
  await reader.readAll(topic, (_, { key, value }: LogRecord) => {
    const name = key?.toString() ?? ''
    if (value === null || (topic === 'tagg' && read(value) === 0)) rows.delete(name)
    else rows.set(name, read(value))
  })
  return rows
}

/** As `int32` or `int64` writes it. */
function numberIn(value: Buffer | null): number {
  if (value === null) return Number.NaN
  return value.length === 8 ? Number(value.readBigInt64BE()) : value.readInt32BE()
}
