import { expect, test } from '@jest/globals'
import { advanceRestore, beginRestore, restoreTo } from '../../../src/changelog/restore.ts'
import { string } from '../../../src/serde/text.ts'
import { EpochBuffer } from '../../../src/state/epoch-buffer.ts'
import { ObjectColumn } from '../../../src/state/object-column.ts'
import { StoreView } from '../../../src/state/store-view.ts'
import { batchOf } from '../../../src/testing/driver/record-log.ts'

const encoder = new TextEncoder()

function record(offset: number, key: string | null, value: string | null) {
  return {
    offset,
    timestamp: offset * 10,
    key: key === null ? null : encoder.encode(key),
    value: value === null ? null : encoder.encode(value),
    headers: [],
  }
}

test('a restore is done when the position reaches the end, record or not', () => {
  let progress = beginRestore(5, 10)
  expect(progress.phase).toBe('reading')
  progress = advanceRestore(progress, 9)
  expect(progress.phase).toBe('reading')
  progress = advanceRestore(progress, 10)
  expect(progress).toEqual({ phase: 'done', position: 10, end: 10 })
})

test('an empty or fully read changelog needs nothing', () => {
  expect(beginRestore(0, 0).phase).toBe('done')
  expect(beginRestore(7, 7).phase).toBe('done')
})

test('an earlier position does not take a restore back', () => {
  expect(advanceRestore(beginRestore(8, 10), 3)).toMatchObject({ position: 8 })
})

test('changes apply in the order of the log; a null value deletes, no key means nothing', () => {
  const spec = { name: 'store', key: string, value: string, backend: undefined, changelog: {} }
  const store = new EpochBuffer(spec, new ObjectColumn(string), undefined)
  const first = batchOf([record(0, 'a', '1'), record(1, 'b', '2'), record(2, null, 'x')], 0)
  const second = batchOf([record(4, 'a', '3'), record(5, 'b', null)], 4)
  restoreTo(store, [first, second], 9)
  expect(new StoreView(store).entries()).toEqual([['a', '3']])
  expect(store.nextOffset).toBe(9)
})
