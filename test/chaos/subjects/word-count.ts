import { type Subject, topicsToWorkOff } from '../../../cluster/verify/subject.ts'
import { verifyWordCount } from '../../../cluster/verify/word-count.ts'
import { partitions } from '../../../demo/load.ts'
import { randomNumbers } from '../plan.ts'
import type { Batches } from '../steady-writer.ts'
import type { ChaosSubject } from './subject.ts'

const vocabulary = 3_000
const wordsPerLine = 8
const subject: Subject = { input: 'lines', output: 'word-counts', application: 'word-count' }
const { application, input, output } = subject

/** Every change of every count, in its order. */
export const wordCount: ChaosSubject = {
  application,
  topology: 'topologies/word-count.ts',
  topics: [input, output].map((topic) => ({ topic, numPartitions: partitions })),
  worked: topicsToWorkOff(subject),
  recordsPerSecond: 1_000,
  load: randomLines,
  verify: (brokers) => verifyWordCount({ brokers, ...subject }),
}

function randomLines(seed: number): Batches {
  const random = randomNumbers(seed)
  const line = () => Array.from({ length: wordsPerLine }, () => wordOf(random())).join(' ')
  return (count) => {
    const messages = Array.from({ length: count }, () => ({
      value: line(),
      partition: Math.floor(random() * partitions),
    }))
    return [{ topic: input, messages }]
  }
}

/** A few words are frequent and most are rare, as in a text. Letters only. */
function wordOf(random: number): string {
  let rank = Math.floor(vocabulary ** random)
  let word = ''
  do {
    word += String.fromCharCode(97 + (rank % 26))
    rank = Math.floor(rank / 26)
  } while (rank > 0)
  return word
}
