import { expect, test } from '@jest/globals'
import { ByteSlabs } from '../../../src/state/byte-slabs.ts'

const filled = (length: number, byte: number) => new Uint8Array(length).fill(byte)

test('strings are what they were, in slabs that grow and are used again', () => {
  const slabs = new ByteSlabs()
  const kept: { readonly place: number; readonly length: number; readonly byte: number }[] = []
  const add = (length: number, byte: number) => {
    const place = slabs.add(filled(length, byte), 0, length)
    kept.push({ place, length, byte })
  }
  expect(slabs.heldBytes).toBe(0)
  add(10, 1)
  expect(slabs.heldBytes).toBe(1 << 14)
  // Longer than a slab, and given back: what comes next must not be put there.
  const long = 3 << 20
  slabs.free(slabs.add(filled(long, 2), 0, long), long)
  for (let turn = 0; turn < 2_000; turn += 1) add(1 + (turn % 3_000), turn % 251)
  for (const { place, length } of kept.splice(0, 1_500)) slabs.free(place, length)
  for (let turn = 0; turn < 3_000; turn += 1) add(1 + (turn % 2_000), turn % 241)
  for (const { place, length, byte } of kept) {
    const start = slabs.start(place)
    const bytes = slabs.slab(place).subarray(start, start + length)
    expect(bytes.length).toBe(length)
    expect(bytes.every((found) => found === byte)).toBe(true)
  }
})
