import { setTimeout as sleep } from 'node:timers/promises'
import { LogReader } from './log-reader.ts'
import { type Subject, topicsWritten } from './subject.ts'
import { countWords, WordLedger } from './word-ledger.ts'

export interface Target extends Subject {
  readonly brokers: string
}

export interface Verdict {
  readonly equal: boolean
  /** One line each. */
  readonly problems: readonly string[]
  readonly compared: {
    readonly inputRecords: number
    readonly words: number
    readonly distinct: number
    readonly outputRecords: number
    readonly partitions: number
  }
}

const betweenMs = 200

/**
 * Holds the output of `topologies/word-count.ts` against its input, both read from Kafka under
 * read_committed; and checks that the group's positions are the input's end and that no
 * transaction was left open on any topic of the application.
 *
 * @param settleMs A transaction that is still being committed is no hanging one: it has so long to
 * end.
 */
export async function verifyWordCount(subject: Target, settleMs = 15_000): Promise<Verdict> {
  const reader = await LogReader.connect(subject.brokers)
  try {
    const hanging = await hangingPartitions(reader, subject, settleMs)
    const behind = await partitionsBehind(reader, subject)
    const input = await readInput(reader, subject.input)
    const ledger = await readOutput(reader, subject.output)
    ledger.compare(input.counts)
    const more = ledger.discrepancies - ledger.found.length
    const problems = [
      ...hanging,
      ...behind,
      ...ledger.found.map(({ kind, text }) => `${kind}: ${text}`),
      ...(more > 0 ? [`… and ${more} more`] : []),
    ]
    return {
      equal: problems.length === 0,
      problems,
      compared: {
        inputRecords: input.records,
        words: input.words,
        distinct: input.counts.size,
        outputRecords: ledger.records,
        partitions: (await reader.partitions(subject.output)).length,
      },
    }
  } finally {
    await reader.close()
  }
}

async function readInput(reader: LogReader, topic: string) {
  const counts = new Map<string, number>()
  let records = 0
  let words = 0
  for (const partition of await reader.partitions(topic)) {
    const { stable } = await reader.ends(topic, partition)
    await reader.read(topic, partition, 0, stable, ({ value }) => {
      records++
      words += countWords(value?.toString('utf8') ?? '', counts)
    })
  }
  return { counts, records, words }
}

async function readOutput(reader: LogReader, topic: string): Promise<WordLedger> {
  const ledger = new WordLedger()
  for (const partition of await reader.partitions(topic)) {
    const { stable } = await reader.ends(topic, partition)
    await reader.read(topic, partition, 0, stable, ({ offset, key, value }) => {
      // Anything but eight bytes is no count, and no count is right at −1.
      const count = value?.length === 8 ? Number(value.readBigInt64BE()) : -1
      ledger.add(partition, offset, key?.toString('utf8') ?? '', count)
    })
  }
  return ledger
}

/** Partitions of the application's topics on which a transaction stays open. */
async function hangingPartitions(
  reader: LogReader,
  subject: Subject,
  settleMs: number,
): Promise<readonly string[]> {
  const deadline = Date.now() + settleMs
  // Others may go on writing positions: what was open at the first look has to end, no more.
  const firstEnds = new Map<string, number>()
  for (;;) {
    const open: string[] = []
    for (const { topic, partition } of await transactionalPartitions(reader, subject)) {
      const { stable, end } = await reader.ends(topic, partition)
      const name = `${topic}-${partition}`
      const wanted = firstEnds.get(name) ?? end
      firstEnds.set(name, wanted)
      if (stable < wanted)
        open.push(`hanging transaction: ${name} is stable to ${stable} of ${end}`)
    }
    if (open.length === 0 || Date.now() > deadline) return open
    await sleep(betweenMs)
  }
}

async function transactionalPartitions(reader: LogReader, subject: Subject) {
  const found: { readonly topic: string; readonly partition: number }[] = []
  const topics = await reader.topics()
  for (const topic of topicsWritten(subject)) {
    if (!topics.includes(topic)) continue
    for (const partition of await reader.partitions(topic)) found.push({ topic, partition })
  }
  const offsets = '__consumer_offsets'
  // The embedded broker keeps positions in no topic.
  if (!topics.includes(offsets)) return found
  const { length } = await reader.partitions(offsets)
  found.push({ topic: offsets, partition: partitionOfGroup(subject.application, length) })
  return found
}

/** Where the broker keeps a group's positions: the absolute value of Java's `String.hashCode`. */
function partitionOfGroup(group: string, partitions: number): number {
  let hash = 0
  for (let i = 0; i < group.length; i++) hash = (Math.imul(hash, 31) + group.charCodeAt(i)) | 0
  return Math.abs(hash) % partitions
}

async function partitionsBehind(reader: LogReader, subject: Subject): Promise<readonly string[]> {
  const { input: topic, application } = subject
  const behind: string[] = []
  for (const [partition, offset] of await reader.committed(application, topic)) {
    const { end } = await reader.ends(topic, partition)
    if (offset !== end) {
      behind.push(`committed position: ${topic}-${partition} is at ${offset} of ${end}`)
    }
  }
  return behind
}
