import { expect, test } from '@jest/globals'
import {
  EpochOutput,
  type SealedEpoch,
} from '../../../../../src/kafka/client/transactions/epoch-output.ts'
import {
  decodeBatch,
  readBatchHeaders,
} from '../../../../../src/kafka/protocol/record-batch/index.ts'
import { noHeaders, type OutputPartition } from '../../../../../src/model/output.ts'

const bytes = new TextEncoder()

function append(partition: OutputPartition, value: string): void {
  const encoded = bytes.encode(value)
  partition.append(1_000, encoded, -1, -1, encoded, 0, encoded.length, noHeaders)
}

function values(sealed: SealedEpoch): Record<string, readonly string[]> {
  return Object.fromEntries(
    sealed.partitions.map(({ name, batches }) => [
      name,
      batches.flatMap((batch) => {
        const written = batch.finish({})
        return readBatchHeaders(written).flatMap((header) => {
          const decoded = decodeBatch(written, header, () => new Uint8Array(0))
          return Array.from({ length: decoded.count }, (_, i) =>
            new TextDecoder().decode(
              decoded.bytes.subarray(decoded.valueStarts[i], decoded.valueEnds[i]),
            ),
          )
        })
      }),
    ]),
  )
}

const output = (batchBytesMax = 10_000) => new EpochOutput(batchBytesMax, () => 4)

test('a sealed epoch holds what was written, and the same handles write the next one', () => {
  const epoch = output()
  const counts = epoch.open('counts', 1)
  append(counts, 'a')
  append(epoch.open('changes', 0), 'b')
  append(counts, 'c')
  expect(epoch.open('counts', 1)).toBe(counts)
  const first = epoch.seal()
  append(counts, 'd')
  expect(first.records).toBe(3)
  expect(values(first)).toEqual({ 'counts-1': ['a', 'c'], 'changes-0': ['b'] })
  expect(values(epoch.seal())).toEqual({ 'counts-1': ['d'] })
})

test('records and bytes of the open epoch are known at any time', () => {
  const epoch = output()
  append(epoch.open('counts', 0), 'x'.repeat(500))
  expect(epoch.records).toBe(1)
  expect(epoch.bytes).toBeGreaterThan(500)
  expect(epoch.bytes).toBeLessThan(520)
  expect(epoch.seal()).toMatchObject({ records: 1 })
  expect([epoch.records, epoch.bytes]).toEqual([0, 0])
})

test('what does not fit a batch goes into the next one, in order', () => {
  const epoch = output(200)
  const names = ['a', 'b', 'c', 'd', 'e'].map((letter) => letter.repeat(60))
  for (const name of names) append(epoch.open('counts', 0), name)
  const sealed = epoch.seal()
  expect(sealed.partitions[0]?.batches.map((batch) => batch.count)).toEqual([2, 2, 1])
  expect(values(sealed)).toEqual({ 'counts-0': names })
})

test('a record that no batch can hold is refused with both sizes, and leaves no trace', () => {
  const epoch = output(200)
  const counts = epoch.open('counts', 3)
  expect(() => append(counts, 'x'.repeat(300))).toThrow(
    /RECORD_TOO_LARGE: .*300 bytes.*200 bytes.*topic counts, partition 3/,
  )
  append(counts, 'small')
  expect(() => append(counts, 'x'.repeat(300))).toThrow(/RECORD_TOO_LARGE/)
  append(counts, 'tiny')
  const sealed = epoch.seal()
  expect(sealed.records).toBe(2)
  expect(values(sealed)).toEqual({ 'counts-3': ['small', 'tiny'] })
})

test('an epoch that is discarded is not in the next one', () => {
  const epoch = output()
  append(epoch.open('counts', 0), 'a')
  epoch.discard()
  append(epoch.open('counts', 0), 'b')
  expect(values(epoch.seal())).toEqual({ 'counts-0': ['b'] })
})

test('the memory of a committed epoch is used again', () => {
  const epoch = output()
  append(epoch.open('counts', 0), 'a')
  const first = epoch.seal()
  const [builder] = first.partitions[0]?.batches ?? []
  epoch.recycle(first)
  append(epoch.open('counts', 2), 'b')
  const second = epoch.seal()
  expect(second.partitions[0]?.batches[0]).toBe(builder)
  expect(values(second)).toEqual({ 'counts-2': ['b'] })
})
