import { expect, test } from '@jest/globals'
import { imageEnvironment, propertiesFile } from '../../../cluster/broker-properties.ts'

test('a property becomes a variable by the rules of the apache/kafka image', () => {
  const variables = imageEnvironment({ 'log.dirs': '/a', 'some_name.with-dash': 'b' })
  expect(variables).toEqual({ KAFKA_LOG_DIRS: '/a', KAFKA_SOME__NAME_WITH___DASH: 'b' })
})

test('a properties file has one line a property', () => {
  expect(propertiesFile({ a: '1', 'b.c': 'x:y' })).toBe('a=1\nb.c=x:y\n')
})
