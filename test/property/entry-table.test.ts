/** The byte hash table against a map of texts. */
import { expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { EntryTable } from '../../src/state/entry-table.ts'

const encoder = new TextEncoder()

interface Step {
  readonly key: string
  readonly remove: boolean
  /** Few hashes, so that keys collide and probe sequences are long. */
  readonly hash: number
}

const step: fc.Arbitrary<Step> = fc
  .record({ key: fc.string({ maxLength: 3 }), remove: fc.boolean() })
  .map((made) => ({ ...made, hash: (made.key.codePointAt(0) ?? 0) % 5 }))

function place(table: EntryTable, { key, hash }: Step): number {
  const bytes = encoder.encode(`<${key}>`)
  return table.find(bytes, 1, bytes.length - 1, hash)
}

function insert(table: EntryTable, { key, hash }: Step): number {
  const bytes = encoder.encode(`<${key}>`)
  return table.add(bytes, 1, bytes.length - 1, hash)
}

test('finds what was added, not what was removed; an entry number has one key', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const table = new EntryTable()
      const oracle = new Map<string, number>()
      for (const action of steps) {
        const known = oracle.get(action.key) ?? -1
        expect(place(table, action)).toBe(known)
        if (known < 0) oracle.set(action.key, insert(table, action))
        else if (action.remove) {
          table.remove(known)
          oracle.delete(action.key)
        }
        expect(table.size).toBe(oracle.size)
        expect(new Set(oracle.values()).size).toBe(oracle.size)
      }
      for (const [key, entry] of oracle) {
        expect(table.key(entry)).toEqual(encoder.encode(key))
      }
    }),
  )
})

test('keeps its keys when the memory of removed ones is given back', () => {
  const table = new EntryTable()
  const long = 'x'.repeat(1000)
  const make = (index: number): Step => ({ key: `${long}${index}`, remove: false, hash: index })
  const entries = Array.from({ length: 6000 }, (_, index) => insert(table, make(index)))
  entries.forEach((entry, index) => {
    if (index % 10 !== 0) table.remove(entry)
  })
  expect(table.size).toBe(600)
  for (let index = 0; index < 6000; index += 1) {
    expect(place(table, make(index))).toBe(index % 10 === 0 ? entries[index] : -1)
  }
})
