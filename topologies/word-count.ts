import { string, topology } from 'millrace'

export default topology('word-count', (t) => {
  t.stream('lines', { value: string })
    .flatMapValues((line) => line.toLowerCase().match(/\p{L}+/gu) ?? [])
    .groupBy('by-word', (word) => word, { key: string })
    .count('counts')
    .to('word-counts')
})
