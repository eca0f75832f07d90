/** `topologies/word-count.ts` with topics of its own, for a process that a test kills. */
import { string, topology } from 'millrace'

const name = process.env['NAMED_WORD_COUNT'] ?? 'named-word-count'

export default topology(name, (t) => {
  t.stream(`${name}-lines`, { value: string })
    .flatMapValues((line) => line.toLowerCase().match(/\p{L}+/gu) ?? [])
    .groupBy('by-word', (word) => word, { key: string })
    .count('counts')
    .to(`${name}-counts`)
})
