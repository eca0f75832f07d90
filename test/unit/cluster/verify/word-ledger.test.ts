import { expect, test } from '@jest/globals'
import { countWords, WordLedger } from '../../../../cluster/verify/word-ledger.ts'

type Row = readonly [word: string, count: number, partition?: number]

const expected = new Map([
  ['mill', 3],
  ['race', 1],
])

function kinds(rows: readonly Row[]): readonly string[] {
  const ledger = new WordLedger()
  rows.forEach(([word, count, partition = 0], i) => ledger.add(partition, String(i), word, count))
  ledger.compare(expected)
  expect(ledger.discrepancies).toBe(ledger.found.length)
  return ledger.found.map(({ kind }) => kind)
}

test('counts of 1 to n in order, ending where the input does, are right', () => {
  const rows: readonly Row[] = [
    ['mill', 1],
    ['race', 1, 1],
    ['mill', 2],
    ['mill', 3],
  ]
  expect(kinds(rows)).toEqual([])
})

test('a lost record is caught, in the middle and at the end', () => {
  const middle: readonly Row[] = [
    ['mill', 1],
    ['race', 1],
    ['mill', 3],
  ]
  expect(kinds(middle)).toEqual(['missing'])
  const end: readonly Row[] = [
    ['mill', 1],
    ['race', 1],
    ['mill', 2],
  ]
  expect(kinds(end)).toEqual(['wrong-last-count'])
})

test('a word without any record is caught', () => {
  const rows: readonly Row[] = [
    ['mill', 1],
    ['mill', 2],
    ['mill', 3],
  ]
  expect(kinds(rows)).toEqual(['wrong-last-count'])
})

test('a repeated record is caught', () => {
  const rows: readonly Row[] = [
    ['mill', 1],
    ['mill', 2],
    ['mill', 2],
    ['mill', 3],
    ['race', 1],
  ]
  expect(kinds(rows)).toEqual(['repeated-or-out-of-order'])
})

test('an input record that was counted twice is caught', () => {
  const rows: readonly Row[] = [
    ['mill', 1],
    ['mill', 2],
    ['mill', 3],
    ['mill', 4],
    ['race', 1],
  ]
  expect(kinds(rows)).toEqual(['wrong-last-count'])
})

test('two records in the wrong order are caught', () => {
  const rows: readonly Row[] = [
    ['mill', 1],
    ['mill', 3],
    ['mill', 2],
    ['race', 1],
  ]
  expect(kinds(rows)).toEqual(['missing', 'repeated-or-out-of-order'])
})

test('a word in two partitions, an unexpected word and a value that is no count are caught', () => {
  const rows: readonly Row[] = [
    ['mill', 1],
    ['mill', 2, 1],
    ['mill', 3],
    ['race', 1],
    ['rice', 1],
  ]
  expect(kinds(rows)).toEqual(['moved-partition', 'unexpected-word'])
  const notCounts: readonly Row[] = [
    ['mill', -1],
    ['race', 1],
  ]
  expect(kinds(notCounts)).toEqual(['repeated-or-out-of-order', 'wrong-last-count'])
})

test('after ten discrepancies the rest is only counted', () => {
  const ledger = new WordLedger()
  for (let i = 0; i < 25; i++) ledger.add(0, String(i), 'mill', 7)
  expect([ledger.found.length, ledger.discrepancies]).toEqual([10, 25])
})

test('words are the longest runs of letters, of any script, in lower case', () => {
  const counts = new Map<string, number>()
  expect(countWords("The mill's Mühle: 3 x МЕЛЬНИЦА_the", counts)).toBe(7)
  expect(Object.fromEntries(counts)).toEqual({
    the: 2,
    mill: 1,
    s: 1,
    mühle: 1,
    x: 1,
    мельница: 1,
  })
})
