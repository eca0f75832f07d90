/** What users can import, by name: adding one is a promise, taking one away breaks somebody. */
import { expect, test } from '@jest/globals'
import * as main from '../../src/index.ts'
import * as query from '../../src/query/index.ts'
import * as testing from '../../src/testing/index.ts'

test('millrace exports exactly these values', () => {
  expect(Object.keys(main).toSorted()).toEqual([
    'StreamError',
    'aggregatingState',
    'bigint64',
    'boolean',
    'boundedOutOfOrderness',
    'broadcastState',
    'bytes',
    'double',
    'hopping',
    'int32',
    'int64',
    'json',
    'keyValueStore',
    'listState',
    'mapState',
    'monotonous',
    'none',
    'outputTag',
    'punctuated',
    'reducingState',
    'session',
    'sessionStore',
    'sessionWindowed',
    'sliding',
    'start',
    'string',
    'timestampedStore',
    'topology',
    'tumbling',
    'untilTimeLimit',
    'untilWindowCloses',
    'uuid',
    'valueState',
    'windowStore',
    'windowed',
  ])
})

test('millrace/query exports exactly these values', () => {
  expect(Object.keys(query).toSorted()).toEqual(['QueryClient'])
})

test('millrace/testing exports exactly these values', () => {
  expect(Object.keys(testing).toSorted()).toEqual([
    'EmbeddedKafka',
    'TopologyTestDriver',
    'faultKinds',
    'matchers',
    'simulate',
  ])
})
