import { expect, test } from '@jest/globals'
import { topicsToWorkOff, topicsWritten } from '../../../../cluster/verify/subject.ts'
import { planTopology } from '../../../../src/plan/plan-topology.ts'
import wordCount from '../../../../topologies/word-count.ts'

const subject = { input: 'lines', output: 'word-counts', application: 'word-count' }
const { subTopologies, internalTopics } = planTopology(wordCount)

test('a word count has to work off exactly the topics that its plan reads', () => {
  const read = subTopologies.flatMap(({ sourceTopics }) => sourceTopics)
  expect(topicsToWorkOff(subject).toSorted()).toEqual(read.toSorted())
})

test('a word count writes exactly its output and the internal topics of its plan', () => {
  const internal = internalTopics.map(({ name }) => name)
  expect(topicsWritten(subject).toSorted()).toEqual([...internal, 'word-counts'].toSorted())
})
