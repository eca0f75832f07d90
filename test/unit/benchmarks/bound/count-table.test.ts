import { expect, test } from '@jest/globals'
import { CountTable } from '../../../../benchmarks/bound/count-table.ts'

const text = new TextEncoder()
const spareBytes = 8

function count(table: CountTable, key: string, time = 1): number {
  const encoded = text.encode(key)
  const bytes = new Uint8Array(encoded.length + spareBytes).fill(0xee)
  bytes.set(encoded)
  return table.increment(bytes, new DataView(bytes.buffer), 0, encoded.length, time)
}

function keyOf(table: CountTable, entry: number): string {
  const bytes = new Uint8Array(64)
  table.writeKey(entry, bytes, new DataView(bytes.buffer), 0)
  return new TextDecoder().decode(bytes.subarray(0, table.keySizeOf(entry)))
}

test('the bare loop’s table counts keys of any size apart, through growth', () => {
  const table = new CountTable()
  const keys = Array.from({ length: 60_000 }, (_, i) => 'x'.repeat(i % 13) + i.toString(36))
  const oracle = new Map<string, number>()
  for (const key of [...keys, ...keys.slice(0, 1_000)]) {
    count(table, key)
    oracle.set(key, (oracle.get(key) ?? 0) + 1)
  }
  expect(table.size).toBe(oracle.size)
  const dirty = Array.from(table.dirty.subarray(0, table.dirtyCount))
  expect(new Map(dirty.map((entry) => [keyOf(table, entry), table.countOf(entry)]))).toEqual(oracle)
})

test('the bare loop’s table lists a key once an epoch and keeps its latest time', () => {
  const table = new CountTable()
  count(table, 'a', 5)
  expect(table.timeOf(count(table, 'a', 3))).toBe(5)
  expect(table.dirtyCount).toBe(1)
  table.nextEpoch()
  expect(table.dirtyCount).toBe(0)
  expect(table.countOf(count(table, 'a', 9))).toBe(3)
  expect(table.dirtyCount).toBe(1)
})
