import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { LmdbBackend } from '../../../src/adapters/lmdb/lmdb-backend.ts'
import { loadLmdb } from '../../../src/adapters/lmdb/library.ts'
import { taskId } from '../../../src/model/ids.ts'
import { TaskDirectories } from '../../../src/worker/task-directories.ts'
import { batchOf } from '../../support/state-batches.ts'
import { quietEnv } from '../../quiet-env.ts'

const lmdb = await loadLmdb()
const task = taskId(1, 3)
const key = Uint8Array.of(1)
const minute = 60_000

let directory = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'millrace-tasks-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

interface Run {
  readonly bootId?: string
  readonly laterMs?: number
  readonly slot?: number
  readonly slots?: number
}

function directories({ bootId = 'boot', laterMs = 0, slot = 0, slots = 1 }: Run = {}) {
  const late = { ms: laterMs }
  const states = new TaskDirectories({
    directory,
    slot,
    slots,
    bootId,
    clock: { now: () => Date.now() + late.ms, monotonic: () => 0 },
    logger: quietEnv.logger,
    cleanupDelayMs: 10 * minute,
    maxAgeMs: 24 * 60 * minute,
    openBackend: (path, onUnreadable, onClosed) =>
      new LmdbBackend({ lmdb, directory: path, onUnreadable, onClosed }),
  })
  return { states, late }
}

function written(run?: Run): { readonly close: () => void; readonly states: TaskDirectories } {
  const { states } = directories(run)
  const { backend } = states.open(task)
  backend.apply(batchOf([[key, key]], 7))
  return { states, close: () => backend.close() }
}

function offsetIn(run: Run): number | undefined {
  const { backend } = directories(run).states.open(task)
  const offset = backend.offset('store')
  backend.close()
  return offset
}

test('a process that was killed leaves what the next one uses', () => {
  written()
  expect(offsetIn({})).toBe(7)
})

test('what was open when the machine went down is not used, what was closed is', async () => {
  const { close, states } = written()
  expect(offsetIn({ bootId: 'next' })).toBeUndefined()
  close()
  await states.settled()
  const second = written({ bootId: 'next' })
  second.close()
  await second.states.settled()
  expect(offsetIn({ bootId: 'third' })).toBe(7)
})

test('what nobody had open for so long that deletions are forgotten is not used', () => {
  written().close()
  expect(offsetIn({ laterMs: 25 * 60 * minute })).toBeUndefined()
})

test('files of tasks that are not here are deleted after the delay, no others', () => {
  written({ slot: 2 }).close()
  written().close()
  const { states, late } = directories()
  states.open(taskId(1, 4))
  const place = (slot: number, name: string) => existsSync(join(directory, `worker-${slot}`, name))
  late.ms = 9 * minute
  states.tend()
  expect(place(0, '1_3') && place(2, '1_3')).toBe(true)
  late.ms = 11 * minute
  states.tend()
  expect(place(0, '1_3') || place(2, '1_3')).toBe(false)
  expect(place(0, '1_4')).toBe(true)
})

test('a store remembers which topic it was read from', () => {
  const first = directories().states.open(task)
  expect(first.changelogMark('store')).toBeUndefined()
  first.noteChangelog('store', 'topic-id')
  first.backend.close()
  const second = directories().states.open(task)
  expect(second.changelogMark('store')).toBe('topic-id')
  second.backend.close()
})

test('closed tasks are told of with their position, until they are opened or too old', () => {
  const { states } = directories()
  const state = states.open(task)
  state.backend.apply(batchOf([[key, key]], 7))
  expect(states.stored()).toEqual([])
  state.notePosition(7)
  expect(states.stored()).toEqual([])
  state.backend.close()
  expect(states.stored()).toEqual([{ task, offsetSum: 7 }])
  expect(directories().states.stored()).toEqual([{ task, offsetSum: 7 }])
  expect(directories({ bootId: 'later' }).states.stored()).toEqual([])
  expect(directories({ laterMs: 25 * 60 * minute }).states.stored()).toEqual([])
  const again = states.open(task)
  again.backend.close()
  // What a crash leaves has no position.
  expect(states.stored()).toEqual([])
})
