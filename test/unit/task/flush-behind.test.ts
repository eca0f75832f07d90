import { expect, test } from '@jest/globals'
import { StreamError } from '../../../src/model/errors.ts'
import { epoch } from '../../../src/model/ids.ts'
import { murmur2 } from '../../../src/model/murmur2.ts'
import { int64 } from '../../../src/serde/numbers.ts'
import { string } from '../../../src/serde/text.ts'
import { CounterColumn } from '../../../src/state/counter-column.ts'
import { EpochBuffer } from '../../../src/state/epoch-buffer.ts'
import { StoreView } from '../../../src/state/store-view.ts'
import { FlushBehind } from '../../../src/task/flush-behind.ts'
import { MapBackend } from '../../support/map-backend.ts'

class Counts {
  readonly backend = new MapBackend()
  readonly buffer = new EpochBuffer(
    { name: 'counts', key: string, value: int64, backend: undefined, changelog: {} },
    new CounterColumn(),
    this.backend,
  )
  readonly flush = new FlushBehind(this.backend, [this.buffer])
  #epoch = 0
  #offset = 0

  count(...words: readonly string[]): void {
    for (const word of words) {
      const bytes = string.serialize(word)
      const entry = this.buffer.entryOf(bytes, 0, bytes.length, murmur2(bytes, 0, bytes.length))
      this.buffer.touch(entry, 1)
      this.buffer.column.increment(entry)
    }
    this.#offset += words.length
  }

  cut(): void {
    this.#epoch += 1
    this.buffer.cut(epoch(this.#epoch), undefined)
  }

  commit(): void {
    this.buffer.committed(epoch(this.#epoch), this.#offset)
    this.flush.settled()
  }

  /** What a process that comes after a crash would find. */
  get kept(): { readonly counts: unknown; readonly offset: number | undefined } {
    const found = new EpochBuffer(this.buffer.spec, new CounterColumn(), this.backend.durable)
    return {
      counts: Object.fromEntries(new StoreView(found).entries() as []),
      offset: this.backend.durable.offset('counts'),
    }
  }
}

test('a flush has what had committed when it began, and is durable with its last slice', () => {
  const counts = new Counts()
  counts.count('a', 'b', 'c')
  counts.cut()
  counts.flush.want()
  counts.commit()
  counts.flush.write(2)
  counts.count('a', 'd')
  counts.cut()
  counts.commit()
  expect(counts.flush.busy).toBe(true)
  expect(counts.kept).toEqual({ counts: {}, offset: undefined })
  counts.flush.write(2)
  expect(counts.flush.busy).toBe(false)
  expect(counts.kept).toEqual({ counts: { a: 1, b: 1, c: 1 }, offset: 3 })
  counts.flush.all()
  expect(counts.kept).toEqual({ counts: { a: 2, b: 1, c: 1, d: 1 }, offset: 5 })
})

test('what has not committed is not flushed', () => {
  const counts = new Counts()
  counts.count('a')
  counts.cut()
  counts.commit()
  counts.count('a')
  counts.flush.want()
  counts.flush.settled()
  counts.flush.write(10)
  expect(counts.kept).toEqual({ counts: { a: 1 }, offset: 1 })
})

test('a backend that fails stops a flush, but not the end of a task', () => {
  const counts = new Counts()
  counts.backend.apply = () => {
    throw new StreamError('STATE_STORE_FAILED', 'full', { domain: 'external', recovery: 'fatal' })
  }
  counts.count('a')
  counts.cut()
  counts.flush.want()
  counts.commit()
  expect(() => counts.flush.write(1)).toThrow('STATE_STORE_FAILED')
  expect(() => counts.flush.last()).not.toThrow()
})

test('where nothing has committed since the last flush there is none', () => {
  const counts = new Counts()
  counts.count('a')
  counts.cut()
  counts.commit()
  counts.flush.all()
  counts.flush.want()
  counts.flush.settled()
  expect(counts.flush.busy).toBe(false)
})
