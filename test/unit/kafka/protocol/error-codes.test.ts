import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import {
  errorCode,
  kafkaError,
  kafkaErrorCode,
  kafkaErrorCodes,
  recoveryOf,
} from '../../../../src/kafka/protocol/error-codes.ts'

test('every code from −1 to 133 but 0 has one row', () => {
  const codes = kafkaErrorCodes.map(({ code }) => code)
  expect(codes).toEqual([-1, ...Array.from({ length: 133 }, (_, i) => i + 1)])
  expect(new Set(kafkaErrorCodes.map(({ name }) => name)).size).toBe(134)
})

test('the table of docs/errors.md says what the code does', () => {
  const documented = readFileSync(join(process.cwd(), 'docs/errors.md'), 'utf8')
    .split('\n')
    .filter((line) => /^\| -?\d+ +\|/.test(line))
    .map((line) => line.split('|').map((cell) => cell.trim()))
  expect(documented).toEqual(
    kafkaErrorCodes.map(({ code, name, domain, recovery, advice }) => [
      '',
      `${code}`,
      `\`KAFKA_${name}\``,
      domain,
      recovery,
      advice,
      '',
    ]),
  )
})

test('what decides between going on and giving up is as the protocol needs it', () => {
  expect(recoveryOf(errorCode('CONCURRENT_TRANSACTIONS'))).toBe('retry')
  expect(recoveryOf(errorCode('NOT_COORDINATOR'))).toBe('refresh')
  expect(recoveryOf(errorCode('ILLEGAL_GENERATION'))).toBe('rejoin')
  expect(recoveryOf(errorCode('PRODUCER_FENCED'))).toBe('fenced')
  expect(recoveryOf(errorCode('INVALID_PRODUCER_EPOCH'))).toBe('fenced')
  expect(recoveryOf(errorCode('OUT_OF_ORDER_SEQUENCE_NUMBER'))).toBe('abort')
  expect(recoveryOf(errorCode('TOPIC_AUTHORIZATION_FAILED'))).toBe('fatal')
})

test('an unknown code is fatal and says its number', () => {
  expect(kafkaErrorCode(4711)).toMatchObject({ name: 'UNKNOWN_CODE', recovery: 'fatal' })
  expect(kafkaError(4711, { doing: 'fetching' }).message).toMatch(/^KAFKA_UNKNOWN_CODE.*4711/)
})

test('an error says what was asked, the place, what the broker said, and what to do', () => {
  const error = kafkaError(29, {
    doing: 'fetching',
    brokerMessage: 'denied for User:counts',
    where: { topic: 'lines', partition: 2 },
  })
  expect(error).toMatchObject({
    code: 'KAFKA_TOPIC_AUTHORIZATION_FAILED',
    recovery: 'fatal',
    domain: 'external',
  })
  expect(error.message).toMatch(
    /fetching failed with error 29, broker: denied for User:counts; allow this principal/,
  )
  expect(error.message).toMatch(/\(topic lines, partition 2\)$/)
})

test('a caller that knows better gives the recovery', () => {
  expect(kafkaError(22, { doing: 'committing', recovery: 'fenced' }).recovery).toBe('fenced')
})
