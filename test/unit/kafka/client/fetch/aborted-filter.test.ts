import { expect, test } from '@jest/globals'
import {
  AbortedFilter,
  type AbortedTransaction,
} from '../../../../../src/kafka/client/fetch/aborted-filter.ts'
import {
  assignOffsets,
  decodeControl,
  encodeControl,
  readBatchHeaders,
} from '../../../../../src/kafka/protocol/record-batch/index.ts'
import { concat, encoded, type PlainRecord, record } from '../../protocol/record-batch/batches.ts'

/** A log as it is written: who, what, and whether it is in a transaction; offsets count up. */
class Log {
  readonly #batches: Uint8Array[] = []
  #end = 0

  data(producerId: number, count = 1, key = 'k', isTransactional = true): this {
    const records = Array.from({ length: count }, () => record(1, key, `p${producerId}`))
    return this.#append(records, { producerId, producerEpoch: 0, baseSequence: 0, isTransactional })
  }

  /** The key is the four bytes 0, as an integer serialiser writes the number 0. */
  zeroKey(producerId: number): this {
    return this.#append([{ timestamp: 1, key: new Uint8Array(4), value: null }], {
      producerId,
      producerEpoch: 0,
      baseSequence: 0,
      isTransactional: true,
    })
  }

  marker(kind: 'abort' | 'commit', producerId: number): this {
    const control = [{ timestamp: 1, ...encodeControl(kind, 0) }]
    return this.#append(control, {
      producerId,
      producerEpoch: 0,
      isTransactional: true,
      isControl: true,
    })
  }

  /** What compaction leaves of a batch whose records are gone. */
  emptied(producerId: number): this {
    return this.#append([], { producerId, producerEpoch: 0, isTransactional: true })
  }

  #append(records: readonly PlainRecord[], trailer: Parameters<typeof encoded>[1]): this {
    const bytes = encoded(records, trailer)
    assignOffsets(bytes, this.#end, 0)
    this.#batches.push(bytes)
    this.#end += Math.max(1, records.length)
    return this
  }

  /** Base offsets of the data batches that a committed reader gets when it is sent from `from`. */
  read(aborted: readonly AbortedTransaction[] | null, from = 0): number[] {
    const bytes = concat(...this.#batches)
    const headers = readBatchHeaders(bytes).filter(({ lastOffset }) => lastOffset >= from)
    const filter = new AbortedFilter(aborted)
    const delivered = headers.filter(
      (header) =>
        filter.judge(header, (marker) => decodeControl(bytes, marker).kind === 'abort') ===
        'deliver',
    )
    return delivered.map(({ baseOffset }) => baseOffset)
  }
}

test('an aborted transaction with its marker in the same answer is hidden', () => {
  const log = new Log().data(1).data(1).marker('abort', 1).data(1).marker('commit', 1)
  expect(log.read([{ producerId: 1, firstOffset: 0 }])).toEqual([3])
})

test('a producer that aborts twice in one answer is hidden both times', () => {
  const log = new Log()
    .data(1)
    .marker('abort', 1)
    .data(1)
    .marker('commit', 1)
    .data(1)
    .marker('abort', 1)
  const aborted = [
    { producerId: 1, firstOffset: 0 },
    { producerId: 1, firstOffset: 4 },
  ]
  expect(log.read(aborted)).toEqual([2])
})

test('a transaction whose marker is beyond this answer is hidden', () => {
  const log = new Log().data(2, 1, 'k', false).data(1).data(1)
  expect(log.read([{ producerId: 1, firstOffset: 1 }])).toEqual([0])
})

test('two transactions that are open already at the fetch offset are both hidden', () => {
  const log = new Log().data(1).data(2).data(1).data(2).marker('abort', 1).marker('abort', 2)
  const aborted = [
    { producerId: 1, firstOffset: 0 },
    { producerId: 2, firstOffset: 1 },
  ]
  expect(log.read(aborted, 2)).toEqual([])
})

test('of two interleaved producers the list in marker order is sorted first', () => {
  const log = new Log()
    .data(1)
    .data(2)
    .data(3, 1, 'k', false)
    .marker('abort', 2)
    .data(1)
    .marker('abort', 1)
    .data(2)
    .marker('commit', 2)
  const inMarkerOrder = [
    { producerId: 2, firstOffset: 1 },
    { producerId: 1, firstOffset: 0 },
  ]
  expect(log.read(inMarkerOrder)).toEqual([2, 6])
})

test('a record whose key is the four bytes 0 ends nothing: it is no control record', () => {
  const log = new Log().zeroKey(1).data(1).marker('abort', 1).data(1).marker('commit', 1)
  expect(log.read([{ producerId: 1, firstOffset: 0 }])).toEqual([3])
})

test('an aborted transaction larger than an answer stays hidden in each of them', () => {
  const log = new Log()
  for (let i = 0; i < 50; i++) log.data(1, 50)
  log.marker('abort', 1)
  for (const from of [0, 777, 2400]) {
    expect(log.read([{ producerId: 1, firstOffset: 0 }], from)).toEqual([])
  }
})

test('a commit marker of another producer, and of the same one, ends no abort', () => {
  const log = new Log().data(1).data(2).marker('commit', 2).data(1).marker('abort', 1).data(2)
  expect(log.read([{ producerId: 1, firstOffset: 0 }])).toEqual([1, 5])
})

test('records outside transactions of a producer that is aborting are seen', () => {
  const log = new Log().data(1).data(1, 1, 'k', false).marker('abort', 1)
  expect(log.read([{ producerId: 1, firstOffset: 0 }])).toEqual([1])
})

test('batches that compaction has emptied are judged like any other', () => {
  const log = new Log().emptied(1).data(1).marker('abort', 1).emptied(2).data(2)
  expect(log.read([{ producerId: 1, firstOffset: 0 }])).toEqual([3, 4])
})

test('without aborted transactions everything but markers is seen', () => {
  const log = new Log().data(1).marker('commit', 1).data(2)
  expect(log.read(null)).toEqual([0, 2])
  expect(log.read([])).toEqual([0, 2])
})

test('of 120 interleaved transactions exactly the committed ones are seen', () => {
  let seed = 7
  const random = (below: number) => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0
    return (seed >>> 8) % below
  }
  const log = new Log()
  const aborted: AbortedTransaction[] = []
  const committed: number[] = []
  const open = new Map<number, number[]>()
  let offset = 0
  for (let step = 0, ended = 0; ended < 120; step++) {
    const producerId = random(3)
    const batches = open.get(producerId) ?? []
    if (batches.length > 0 && random(4) === 0) {
      const abort = random(2) === 0
      log.marker(abort ? 'abort' : 'commit', producerId)
      // The broker lists aborted transactions in the order of their markers.
      if (abort) aborted.push({ producerId, firstOffset: batches[0] ?? 0 })
      else committed.push(...batches)
      open.delete(producerId)
      ended++
      offset++
    } else {
      const count = 1 + random(30)
      log.data(producerId, count)
      open.set(producerId, [...batches, offset])
      offset += count
    }
  }
  // What is still open lies beyond the last stable offset.
  const stable = Math.min(offset, ...Array.from(open.values(), (batches) => batches[0] ?? 0))
  const seen = log.read(aborted).filter((base) => base < stable)
  expect(seen).toEqual(committed.filter((base) => base < stable).toSorted((a, b) => a - b))
})
