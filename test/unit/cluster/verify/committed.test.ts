import { expect, test } from '@jest/globals'
import {
  type AbortedTransaction,
  CommittedFilter,
  type LogRecord,
} from '../../../../cluster/verify/committed.ts'

/** One record a batch: `7:data`, `7:abort`, `7:commit`; an offset for each in turn. */
function log(...batches: readonly string[]): readonly LogRecord[] {
  return batches.map((text, offset) => {
    const [producerId = '', what = ''] = text.split(':')
    const control = what === 'abort' || what === 'commit'
    const key = control ? Buffer.from([0, 0, 0, what === 'commit' ? 1 : 0]) : Buffer.from(what)
    return {
      offset: String(offset),
      key,
      value: null,
      timestamp: '0',
      isControlRecord: control,
      batchContext: {
        firstOffset: String(offset),
        lastOffsetDelta: 0,
        producerId,
        inTransaction: producerId !== '-1',
      },
    }
  })
}

function visible(aborted: readonly AbortedTransaction[], records: readonly LogRecord[]) {
  const filter = new CommittedFilter()
  filter.begin(aborted)
  return records.filter((record) => filter.lets(record)).map(({ offset }) => Number(offset))
}

test('committed and plain records are visible, control records are not', () => {
  expect(visible([], log('7:a', '-1:b', '7:commit', '-1:c'))).toEqual([0, 1, 3])
})

test('an aborted transaction is hidden up to its marker, its next one is not', () => {
  const records = log('7:a', '8:b', '7:abort', '7:c', '8:commit', '7:commit')
  expect(visible([{ producerId: '7', firstOffset: '0' }], records)).toEqual([1, 3])
})

test('transactions named in the order of their ends are hidden from their beginnings', () => {
  const records = log('7:a', '8:b', '7:a', '8:abort', '7:a', '7:abort', '8:c')
  const aborted = [
    { producerId: '8', firstOffset: '1' },
    { producerId: '7', firstOffset: '0' },
  ]
  expect(visible(aborted, records)).toEqual([6])
})

test('two aborted transactions that are open at the beginning of a fetch are both hidden', () => {
  const records = log('7:a', '8:b', '9:c').map((record, i) => {
    const offset = String(100 + i)
    return { ...record, offset, batchContext: { ...record.batchContext, firstOffset: offset } }
  })
  const aborted = [
    { producerId: '7', firstOffset: '3' },
    { producerId: '8', firstOffset: '5' },
  ]
  expect(visible(aborted, records)).toEqual([102])
})

test('a record whose key looks like an abort marker ends nothing', () => {
  const records = log('7:a', '7:b', '7:c', '7:abort')
  const disguised = records.map((record, i) =>
    i === 1 ? { ...record, key: Buffer.from([0, 0, 0, 0]) } : record,
  )
  expect(visible([{ producerId: '7', firstOffset: '0' }], disguised)).toEqual([])
})

test('one producer that aborts twice is hidden twice', () => {
  const records = log('7:a', '7:abort', '7:b', '7:commit', '7:c', '7:abort')
  const aborted = [
    { producerId: '7', firstOffset: '0' },
    { producerId: '7', firstOffset: '4' },
  ]
  expect(visible(aborted, records)).toEqual([2])
})
