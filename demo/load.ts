import { setTimeout as sleep } from 'node:timers/promises'
import kafkajs, { type Kafka } from 'kafkajs'
import { countWords } from '../cluster/verify/word-ledger.ts'

export const partitions = 4
const linesPerRequest = 2_000

export interface Load {
  readonly lines: readonly string[]
  readonly words: number
}

/** As many whole lines as it takes for so many words; the text is repeated if it has fewer. */
export function loadOf(text: readonly string[], wordsAtLeast: number): Load {
  const lines: string[] = []
  const ignored = new Map<string, number>()
  let words = 0
  while (words < wordsAtLeast) {
    const before = words
    for (const line of text) {
      lines.push(line)
      words += countWords(line, ignored)
      // A text of the size asked for, or larger, is taken whole.
      if (words >= wordsAtLeast && lines.length >= text.length) break
    }
    if (words === before) throw new Error('there is no word in the text')
  }
  return { lines, words }
}

export function kafkaOf(brokers: string): Kafka {
  return new kafkajs.Kafka({
    clientId: 'load',
    brokers: brokers.split(','),
    logLevel: kafkajs.logLevel.NOTHING,
    retry: { initialRetryTime: 50, retries: 30, maxRetryTime: 1_000 },
  })
}

/** Removes topics of an earlier run and creates them anew. */
export async function createTopics(kafka: Kafka, topics: readonly string[]): Promise<void> {
  const admin = kafka.admin()
  await admin.connect()
  const wanted = topics.map((topic) => ({ topic, numPartitions: partitions }))
  await admin.createTopics({ topics: wanted, waitForLeaders: true })
  await admin.disconnect()
}

/** Writes the lines at a rate, each once and in order, in turn to the partitions. */
export async function produceLines(
  kafka: Kafka,
  topic: string,
  lines: readonly string[],
  linesPerSecond: number,
  onProduced: (lines: number) => void,
): Promise<void> {
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 })
  await producer.connect()
  const start = Date.now()
  for (let i = 0; i < lines.length; i += linesPerRequest) {
    const messages = lines
      .slice(i, i + linesPerRequest)
      .map((value, j) => ({ value, partition: (i + j) % partitions }))
    await producer.send({ topic, messages })
    onProduced(messages.length)
    const due = start + ((i + messages.length) / linesPerSecond) * 1_000
    if (due > Date.now()) await sleep(due - Date.now())
  }
  await producer.disconnect()
}
