import { expect, test } from '@jest/globals'
import {
  markOf,
  tagOf,
  topicMark,
  verdictOf,
  withoutTag,
  withTag,
} from '../../../src/checkpoint/position-tag.ts'
import { epoch } from '../../../src/model/ids.ts'

const tag = { run: 'a1', epoch: epoch(7) }
const committed = (entries: Readonly<Record<string, string>>) =>
  new Map(Object.entries(entries).map(([name, metadata]) => [name, { metadata }]))

test("the tag goes around the task's own metadata and comes off again", () => {
  expect(withTag(tag, undefined, 'AQ==')).toBe('a1.7|AQ==')
  expect(withoutTag('a1.7|AQ==')).toBe('AQ==')
  expect(withoutTag('somebody|else')).toBe('somebody|else')
  expect(tagOf('AQ==')).toBeUndefined()
})

test('the mark of the topic goes with the tag, which is the same without it', () => {
  const metadata = withTag(tag, topicMark('0123456789abcdef0123456789abcdef'), 'AQ==')
  expect(metadata).toBe('a1.7.01234567|AQ==')
  expect([tagOf(metadata), markOf(metadata), withoutTag(metadata)]).toEqual([
    'a1.7',
    '01234567',
    'AQ==',
  ])
  expect(markOf('a1.7|AQ==')).toBeUndefined()
})

test('one position with the tag says that the epoch committed', () => {
  const before = new Map([
    ['t-0', 'a1.6'],
    ['t-1', undefined],
  ])
  expect(verdictOf(tag, committed({ 't-0': 'a1.7|', 't-1': 'a1.7|' }), before)).toBe('kept')
})

test('positions as they were say that it did not', () => {
  const before = new Map([
    ['t-0', 'a1.6'],
    ['t-1', undefined],
  ])
  expect(verdictOf(tag, committed({ 't-0': 'a1.6|x' }), before)).toBe('dropped')
})

test('a position of another run says that the partition is not ours any more', () => {
  const before = new Map([['t-0', 'a1.6']])
  expect(verdictOf(tag, committed({ 't-0': 'b2.1|' }), before)).toBe('foreign')
})
