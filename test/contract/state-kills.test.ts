/** `npm run kills` does this 200 times, and says what it found. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import {
  killed,
  persistentBackends,
  type PersistentName,
  stopWriting,
} from '../support/state-kills.ts'

const kills = 25
const scratch = mkdtempSync(join(tmpdir(), 'millrace-kills-'))
afterAll(() => {
  stopWriting()
  rmSync(scratch, { recursive: true, force: true })
})

const names = Object.keys(persistentBackends) as readonly PersistentName[]

test.each(names)(
  '%s: a store that is killed at any moment holds the counts that its offset says',
  async (name) => {
    let before = 0
    for (let kill = 0; kill < kills; kill += 1) {
      const { sum, offset } = await killed(name, join(scratch, name), kill)
      expect(sum).toBe(offset)
      expect(offset).toBeGreaterThanOrEqual(before)
      before = offset
    }
    expect(before).toBeGreaterThan(0)
  },
  30_000 + kills * 2000,
)
