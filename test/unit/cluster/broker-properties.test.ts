import { expect, test } from '@jest/globals'
import {
  brokerProperties,
  imageEnvironment,
  propertiesFile,
} from '../../../cluster/broker-properties.ts'

test('a property becomes a variable by the rules of the apache/kafka image', () => {
  const variables = imageEnvironment({ 'log.dirs': '/a', 'some_name.with-dash': 'b' })
  expect(variables).toEqual({ KAFKA_LOG_DIRS: '/a', KAFKA_SOME__NAME_WITH___DASH: 'b' })
})

test('a properties file has one line a property', () => {
  expect(propertiesFile({ a: '1', 'b.c': 'x:y' })).toBe('a=1\nb.c=x:y\n')
})

test('of three brokers one may be lost without a write being refused', () => {
  const at = { advertised: 'a:1', listenHost: 'a', port: 1, controllerPort: 2, logDirectory: '/d' }
  expect(brokerProperties({ ...at, nodeId: 2, brokers: 3 })).toMatchObject({
    'node.id': '2',
    'default.replication.factor': '3',
    'min.insync.replicas': '2',
    'offsets.topic.replication.factor': '3',
    'transaction.state.log.min.isr': '2',
  })
  expect(brokerProperties(at)).toMatchObject({
    'node.id': '1',
    'default.replication.factor': '1',
    'min.insync.replicas': '1',
    'transaction.state.log.min.isr': '1',
  })
})

test('a broker that is no controller has no listener for one', () => {
  const at = { advertised: 'a:1', listenHost: 'a', port: 1, controllerPort: 2, logDirectory: '/d' }
  expect(brokerProperties({ ...at, isController: false })).toMatchObject({
    'process.roles': 'broker',
    listeners: 'PLAINTEXT://a:1',
  })
})
