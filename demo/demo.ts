/**
 * Two processes count words on a real Kafka while one of them is killed; then the result is held
 * against an independent count.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { isKafkaKind, type KafkaKind, messageOf } from '../cluster/kafka.ts'
import { launchKafka } from '../cluster/launch.ts'
import { projectRoot } from '../cluster/root.ts'
import { scratchDirectory } from '../cluster/scratch.ts'
import { lagOf } from '../cluster/verify/lag.ts'
import { LogReader } from '../cluster/verify/log-reader.ts'
import { type Subject, topicsToWorkOff } from '../cluster/verify/subject.ts'
import { type Verdict, verifyWordCount } from '../cluster/verify/word-count.ts'
import { Crew } from './crew.ts'
import { createTopics, kafkaOf, type Load, loadOf, produceLines } from './load.ts'
import { linesBelow } from './text.ts'
import { View } from './view.ts'

const input = 'lines'
const output = 'word-counts'
const application = 'word-count'
const subject: Subject = { input, output, application }
const lookEveryMs = 250
/** The work has to be done within this time. */
const patienceMs = 240_000
/** Part of the lines that is committed when a worker is killed. */
const killAt = 0.3

interface Options {
  readonly kafka: KafkaKind | undefined
  readonly input: string | undefined
  /** Words to count, at least. */
  readonly words: number
  /** Lines written a second. */
  readonly rate: number
}

/** @returns The exit code: 0 only if the result is equal to the independent count. */
export async function runDemo(args: readonly string[]): Promise<number> {
  const view = new View(process.stdout)
  try {
    const verdict = await demo(parseOptions(args), view)
    report(verdict, view)
    return verdict.equal ? 0 : 1
  } catch (error) {
    view.say(`FAILED: ${messageOf(error)}`)
    return 1
  }
}

function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      kafka: { type: 'string' },
      input: { type: 'string' },
      words: { type: 'string', default: '1000000' },
      rate: { type: 'string', default: '20000' },
    },
  })
  const { kafka } = values
  if (kafka !== undefined && !isKafkaKind(kafka)) {
    throw new Error(`--kafka=${kafka}: external, docker, java or embedded`)
  }
  const positive = (name: 'words' | 'rate') => {
    const value = Number(values[name])
    if (value > 0) return value
    throw new Error(`--${name}=${values[name]}: a number above 0`)
  }
  return { kafka, input: values.input, words: positive('words'), rate: positive('rate') }
}

async function demo(options: Options, view: View): Promise<Verdict> {
  const launch = await launchKafka({
    ...(options.kafka === undefined ? {} : { force: options.kafka }),
    progress: (message) => view.say(`Kafka: ${message}`),
  })
  if (launch.kind === 'none') throw new Error(`no Kafka: ${launch.reason}`)
  const { brokers } = launch.kafka
  const scratch = scratchDirectory('demo')
  try {
    const load = await loadFor(options, view)
    const kafka = kafkaOf(brokers)
    await createTopics(kafka, [input, output])
    const crew = new Crew(brokers, scratch.path)
    await crew.startAll()
    view.say('Workers: two processes run topologies/word-count.ts; one of them will be killed')
    await run({ brokers, load, crew, view, rate: options.rate })
    await crew.stopAll()
    view.say('Both workers stopped. Reading input and output again, committed records only …')
    return await verifyWordCount({ brokers, ...subject })
  } finally {
    await launch.kafka.stop()
    scratch.remove()
  }
}

async function loadFor({ input, words }: Options, view: View): Promise<Load> {
  const text = await linesBelow(
    input ?? projectRoot,
    input === undefined ? 'by-name' : 'by-content',
  )
  const load = loadOf(text, words)
  const where = input ?? 'Markdown, licence and text files of this checkout and its node_modules'
  view.say(`Text: ${load.words} words in ${load.lines.length} lines, from ${where}`)
  return load
}

interface Run {
  readonly brokers: string
  readonly load: Load
  readonly crew: Crew
  readonly view: View
  readonly rate: number
}

/** Writes the load while the crew works, kills one of it, and waits until all is worked off. */
async function run({ brokers, load, crew, view, rate }: Run): Promise<void> {
  const start = performance.now()
  const reader = await LogReader.connect(brokers)
  let failure: Error | undefined
  const fail = (error: unknown) => {
    failure = error instanceof Error ? error : new Error(String(error))
  }
  let linesProduced = 0
  produceLines(kafkaOf(brokers), input, load.lines, rate, (lines) => {
    linesProduced += lines
  }).catch(fail)
  const kill: { phase: 'to-come' | 'under-way' | 'done' } = { phase: 'to-come' }
  for (;;) {
    await sleep(lookEveryMs)
    if (failure !== undefined) throw failure
    crew.check()
    const linesCommitted = sum((await reader.committed(application, input)).values())
    const seconds = (performance.now() - start) / 1_000
    const linesTotal = load.lines.length
    view.show({ seconds, linesProduced, linesTotal, linesCommitted, workers: crew.lines })
    if (kill.phase === 'to-come' && linesCommitted > linesTotal * killAt) {
      kill.phase = 'under-way'
      crew
        .killFirst((name, epoch) => view.say(`SIGKILL to ${name}, in epoch ${epoch ?? 'unknown'}`))
        .then((name) => {
          kill.phase = 'done'
          view.say(`${name} started again`)
        })
        .catch(fail)
    }
    const written = linesProduced === linesTotal && kill.phase === 'done'
    if (written && (await isWorkedOff(reader))) break
    if (seconds * 1_000 > patienceMs) throw new Error('the work is not done after four minutes')
  }
  await reader.close()
}

async function isWorkedOff(reader: LogReader): Promise<boolean> {
  for (const topic of topicsToWorkOff(subject)) {
    if ((await lagOf(reader, application, topic)) > 0) return false
  }
  return true
}

function report({ equal, problems, compared }: Verdict, view: View): void {
  const shown = (n: number) => n.toLocaleString('en-US')
  const { inputRecords, words, distinct, outputRecords, partitions } = compared
  view.say(
    `Compared ${shown(outputRecords)} counts in ${partitions} partitions with ` +
      `${shown(inputRecords)} lines, which have ${shown(words)} words, ` +
      `${shown(distinct)} of them distinct:`,
  )
  view.say('  each word must count 1, 2, … n: nothing missing, repeated or out of order')
  view.say('  n must be what an independent count of the lines says')
  view.say("  committed positions must be the input's ends, and no transaction may be open")
  for (const problem of problems) view.say(`  WRONG: ${problem}`)
  view.say(equal ? 'EQUAL: every word was counted exactly once.' : 'NOT EQUAL.')
}

function sum(numbers: Iterable<number>): number {
  let total = 0
  for (const n of numbers) total += n
  return total
}
