import { LogReader } from './log-reader.ts'
import { hangingPartitions, partitionsBehind } from './settled.ts'
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
    const { application } = subject
    const hanging = await hangingPartitions(reader, application, topicsWritten(subject), settleMs)
    const behind = await partitionsBehind(reader, application, [subject.input])
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
