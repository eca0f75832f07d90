import { expect, test } from '@jest/globals'
import { endpointsOf } from '../../../../src/cli/dev/endpoints.ts'
import { int64, string, topology } from '../../../../src/index.ts'
import { planTopology } from '../../../../src/plan/plan-topology.ts'

const plan = planTopology(
  topology('app', (t) => {
    t.stream(['a', 'b'], { value: string, onError: { deadLetter: 'dead' } })
      .groupBy('by-line', (line) => line)
      .count('counts')
      .to('out')
  }),
)

test('lines go to the first source topic unless another one is asked for', () => {
  expect(endpointsOf(plan, undefined).source).toEqual({ topic: 'a', key: string, value: string })
  expect(endpointsOf(plan, 'b').source.topic).toBe('b')
  expect(() => endpointsOf(plan, 'c')).toThrow(
    'COMMAND_LINE_INVALID: --topic c: the topology reads a, b',
  )
})

test('outputs are the topics of sinks with their serdes, and dead-letter topics without', () => {
  const { outputs } = endpointsOf(plan, undefined)
  expect([...outputs.keys()].toSorted()).toEqual(['dead', 'out'])
  expect(outputs.get('dead')).toBeUndefined()
  expect(outputs.get('out')).toMatchObject({ key: string, value: int64 })
})
