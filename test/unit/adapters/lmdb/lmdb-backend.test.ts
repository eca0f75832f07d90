import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { LmdbBackend } from '../../../../src/adapters/lmdb/lmdb-backend.ts'
import { loadLmdb } from '../../../../src/adapters/lmdb/library.ts'
import { batchOf, type Change } from '../../../support/state-batches.ts'

const lmdb = await loadLmdb()
let directory = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'millrace-lmdb-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const entries = Array.from({ length: 2000 }, (_, at): Change => {
  const key = new TextEncoder().encode(`key-${at}`)
  return [key, key]
})

function opened(unreadable: string[] = []): LmdbBackend {
  const onUnreadable = (store: string, error: Error) => {
    unreadable.push(`${store}: ${error.message}`)
  }
  return new LmdbBackend({ lmdb, directory, onUnreadable, onClosed: () => undefined })
}

function written(): void {
  const backend = opened()
  backend.apply(batchOf(entries, 2000, 'good'))
  backend.apply(batchOf(entries, 2000, 'bad'))
  backend.close()
}

test.each<[string, (path: string) => void]>([
  ['it is not a file of LMDB', (path) => writeFileSync(path, readFileSync(path).fill(7))],
  ['bytes of', (path) => truncateSync(path, statSync(path).size / 2)],
  ['its first page is not whole', (path) => truncateSync(path, 20)],
])('a file of which "%s" is told is thrown away, and only that', (words, damage) => {
  written()
  damage(join(directory, 'bad.mdb'))
  const unreadable: string[] = []
  const backend = opened(unreadable)
  expect(backend.offset('bad')).toBeUndefined()
  expect(backend.offset('good')).toBe(2000)
  expect([...backend.range('bad', {})]).toEqual([])
  expect([...backend.range('good', {})]).toHaveLength(2000)
  expect(unreadable).toEqual([expect.stringContaining(words)])
  backend.close()
})

test('damaged pages are an error that names the store, and the next start begins anew', () => {
  written()
  const path = join(directory, 'bad.mdb')
  writeFileSync(path, readFileSync(path).fill(255, 4 * 4096))
  const backend = opened()
  expect(() => [...backend.range('bad', {})]).toThrow(/^STATE_STORE_FAILED: store bad in /)
  backend.close()
  const unreadable: string[] = []
  const next = opened(unreadable)
  expect(next.offset('bad')).toBeUndefined()
  expect(unreadable).toEqual(['bad: it failed in the run before'])
  next.close()
  expect(existsSync(`${path}-bad`)).toBe(false)
})

test('a file that nothing was written to is an empty store', () => {
  writeFileSync(join(directory, 'empty.mdb'), '')
  const unreadable: string[] = []
  const backend = opened(unreadable)
  expect(backend.offset('empty')).toBeUndefined()
  expect(unreadable).toEqual([])
  backend.close()
})
