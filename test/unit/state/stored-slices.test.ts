import { expect, test } from '@jest/globals'
import { epoch } from '../../../src/model/ids.ts'
import { murmur2 } from '../../../src/model/murmur2.ts'
import { string } from '../../../src/serde/text.ts'
import { timedKeys } from '../../../src/serde/timed.ts'
import { windowedKeys } from '../../../src/serde/windowed.ts'
import { ClockHand } from '../../../src/state/clock-hand.ts'
import { EpochBuffer } from '../../../src/state/epoch-buffer.ts'
import type { ExpiringStore } from '../../../src/state/expiring-store.ts'
import { ObjectColumn } from '../../../src/state/object-column.ts'
import { layoutOf } from '../../../src/state/slices.ts'
import type { StoreSpec } from '../../../src/state/spec.ts'
import { StoreView } from '../../../src/state/store-view.ts'
import { TimedStore } from '../../../src/state/timed-store.ts'
import { WindowStore } from '../../../src/state/window-store.ts'
import { FlushBehind } from '../../../src/task/flush-behind.ts'
import { RecordLog } from '../../../src/testing/driver/record-log.ts'
import { MapBackend } from '../../support/map-backend.ts'

const plain = { name: 's', value: string, backend: 'lmdb' as const, changelog: {} }
/** Slices of 4 ms. */
const timedSpec: StoreSpec = {
  ...plain,
  key: timedKeys(string),
  ordered: true,
  times: { bytesBehind: 8, keptMs: 64 },
}
const windowSpec: StoreSpec = {
  ...plain,
  key: windowedKeys(string, 10),
  window: { sizeMs: 10, advanceMs: 10, offsetMs: 0, graceMs: 0 },
}

/** A store on a backend, and a task's turns for it. */
class Turns<Store extends ExpiringStore> {
  readonly buffer: EpochBuffer<ObjectColumn>
  readonly store: Store
  readonly backend: MapBackend
  readonly #flush: FlushBehind
  readonly #log = new RecordLog()
  #epoch = 0

  constructor(
    spec: StoreSpec,
    backend: MapBackend,
    open: (buffer: EpochBuffer<ObjectColumn>) => Store,
  ) {
    this.backend = backend
    this.buffer = new EpochBuffer(spec, new ObjectColumn(spec.value), backend)
    this.store = open(this.buffer)
    this.#flush = new FlushBehind(backend, [this.buffer])
  }

  put(key: unknown, value: string): number {
    const bytes = this.buffer.spec.key.serialize(key)
    const entry = this.buffer.entryOf(bytes, 0, bytes.length, murmur2(bytes, 0, bytes.length))
    this.buffer.touch(entry, 1)
    this.buffer.column.set(entry, value)
    return entry
  }

  commit(): void {
    this.#epoch += 1
    this.store.cut(epoch(this.#epoch))
    this.buffer.cut(epoch(this.#epoch), this.#log)
    this.buffer.committed(epoch(this.#epoch), this.#log.end)
    this.store.committed(epoch(this.#epoch))
  }

  flush(): void {
    this.#flush.all()
  }

  evict(): void {
    new ClockHand().turn(this.buffer, this.buffer.table.size)
    expect(this.buffer.table.size).toBe(0)
  }
}

const timed = (backend = new MapBackend()) => {
  const { times } = timedSpec
  if (times === undefined) throw new Error('the store has times')
  return new Turns(timedSpec, backend, (buffer) => new TimedStore(buffer, times))
}

const windowed = (backend = new MapBackend()) => {
  const { window } = windowSpec
  if (window === undefined) throw new Error('the store has windows')
  return new Turns(windowSpec, backend, (buffer) => new WindowStore(buffer, window))
}

function put(turns: ReturnType<typeof timed>, key: string, time: number): void {
  turns.store.list(turns.put({ key, time }, `${key}${time}`), time)
}

function told(turns: ReturnType<typeof timed>, watermark: number): readonly unknown[] {
  turns.store.advance(watermark)
  const values: unknown[] = []
  for (let entry = turns.store.next(); entry >= 0; entry = turns.store.next()) {
    values.push(turns.buffer.column.read(entry))
  }
  turns.store.release()
  return values
}

function openWindows(turns: ReturnType<typeof windowed>, starts: readonly number[]): void {
  for (const start of starts) {
    for (const key of ['a', 'b']) {
      const bytes = string.serialize(key)
      turns.store.takeKey(bytes, 0, bytes.length)
      const entry = turns.store.entryAt(start)
      turns.buffer.touch(entry, start)
      turns.buffer.column.set(entry, `${key}${start}`)
    }
  }
}

const rowsIn = (backend: MapBackend) => [...backend.range('s', {})].length

test('what closes is told once though its slice leaves memory while it is being told', () => {
  const turns = timed()
  for (const time of [0, 1, 2, 3, 5]) put(turns, 'k', time)
  turns.commit()
  turns.flush()
  turns.evict()
  expect(told(turns, 64 + 1)).toEqual(['k0', 'k1'])
  turns.commit()
  turns.flush()
  turns.evict()
  expect(told(turns, 64 + 2)).toEqual(['k2'])
  turns.commit()
  turns.evict()
  expect(told(turns, 64 + 9)).toEqual(['k3', 'k5'])
})

test('what closes at one time is told in the order of its keys, wherever it was', () => {
  const turns = timed()
  for (const key of ['c', 'a']) put(turns, key, 7)
  turns.commit()
  turns.flush()
  turns.evict()
  put(turns, 'b', 7)
  expect(told(turns, 71)).toEqual(['a7', 'b7', 'c7'])
})

test('an entry that was looked up by its key is told with the rest of its slice', () => {
  const turns = timed()
  for (const time of [8, 9]) put(turns, 'k', time)
  turns.commit()
  turns.flush()
  turns.evict()
  expect(turns.store.find(timedKeys(string).serialize({ key: 'k', time: 9 }), 9)).toBeGreaterThan(
    -1,
  )
  expect(told(turns, 64 + 9)).toEqual(['k8', 'k9'])
})

test('a store that was opened again has nothing in memory until it is asked', () => {
  const first = timed()
  for (const time of [8, 12, 40]) put(first, 'k', time)
  first.commit()
  first.flush()
  const again = timed(first.backend.durable)
  again.store.restart(64)
  expect(again.buffer.table.size).toBe(0)
  expect(again.store.countOpen()).toBe(3)
  expect(again.buffer.table.size).toBe(0)
  expect(told(again, 64 + 13)).toEqual(['k8', 'k12'])
  expect(again.buffer.table.size).toBe(2)
})

test('slices that are over leave the backend with the next flush, read or not', () => {
  const turns = windowed()
  openWindows(turns, [0, 10, 20])
  turns.commit()
  turns.flush()
  turns.evict()
  expect(rowsIn(turns.backend)).toBe(6)
  while (turns.store.close(19) !== undefined);
  openWindows(turns, [30])
  turns.commit()
  turns.flush()
  const view = new StoreView(turns.buffer)
  expect(view.entries().map(([, value]) => value)).toEqual(['a20', 'a30', 'b20', 'b30'])
  expect(rowsIn(turns.backend)).toBe(4)
})

test('what had closed before the store was opened leaves the backend unread', () => {
  const first = windowed()
  openWindows(first, [0, 10, 20])
  first.commit()
  first.flush()
  const again = windowed(first.backend.durable)
  again.store.restart(19)
  openWindows(again, [30])
  again.commit()
  again.flush()
  expect(again.buffer.table.size).toBe(2)
  expect(rowsIn(again.backend)).toBe(4)
})

test('an entry that leaves memory and comes back again and again is told once', () => {
  const turns = windowed()
  openWindows(turns, [0])
  turns.commit()
  for (let time = 0; time < 100; time += 1) {
    turns.flush()
    turns.evict()
    openWindows(turns, [0])
    turns.commit()
  }
  const closed = turns.store.close(9)
  expect(closed?.count).toBe(2)
})

test('the layout of files says how long slices are, where there are any', () => {
  expect(layoutOf({ ...plain, key: string })).toBeUndefined()
  expect(layoutOf(windowSpec)).toBe('slices-8-1')
  expect(layoutOf(timedSpec)).toBe('slices-8-4')
})
