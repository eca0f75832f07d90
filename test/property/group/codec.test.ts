import { expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { decodeAssignment, encodeAssignment } from '../../../src/group/assignment.ts'
import { nothingAssigned } from '../../../src/group/assignment.ts'
import { decodeSubscription, encodeSubscription } from '../../../src/group/subscription.ts'
import { compareTasks } from '../../../src/group/tasks.ts'
import { StreamError } from '../../../src/model/errors.ts'
import { taskId } from '../../../src/model/ids.ts'

const task = fc.tuple(fc.nat(300), fc.nat(5000)).map(([sub, partition]) => taskId(sub, partition))
const tasks = fc.uniqueArray(task, { maxLength: 30 }).map((some) => some.toSorted(compareTasks))
const roster = fc.array(fc.record({ transactionalId: fc.string(), tasks }), { maxLength: 4 })
const subscription = fc.record({
  process: fc.string(),
  slot: fc.nat(100),
  transactionalId: fc.string(),
  fingerprint: fc.string(),
  sequence: fc.nat(),
  owned: tasks,
  promised: tasks,
  stored: fc.array(
    fc.record({ task, offsetSum: fc.nat(2 ** 53 - 1), lag: fc.integer({ min: -1, max: 2 ** 40 }) }),
    { maxLength: 5 },
  ),
  standby: tasks,
  endpoint: fc.string(),
  failure: fc.string(),
  tags: fc.array(fc.record({ key: fc.string(), value: fc.string() }), { maxLength: 3 }),
  roster,
  rosterComplete: fc.boolean(),
})

test('every subscription is read back equal', () => {
  fc.assert(
    fc.property(subscription, (value) => {
      expect(decodeSubscription(encodeSubscription(value))).toEqual({ kind: 'read', value })
    }),
  )
})

test('whatever the bytes are, decoding ends in a value or in its own error', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(['read', 'unreadable']).toContain(decodeSubscription(bytes).kind)
      expect(readsOrRefuses(bytes)).toBe(true)
    }),
  )
})

test('a good message with some bytes changed or cut never breaks the decoder', () => {
  const damage = fc.tuple(fc.nat(), fc.nat(255), fc.boolean())
  fc.assert(
    fc.property(subscription, roster, tasks, fc.array(damage), (value, roster, active, damages) => {
      for (const bytes of [
        encodeSubscription(value),
        encodeAssignment({ ...nothingAssigned, active, roster }),
      ]) {
        let damaged = Uint8Array.from(bytes)
        for (const [at, byte, cut] of damages) {
          damaged[at % damaged.length] = byte
          if (cut) damaged = damaged.subarray(0, Math.max(1, at % damaged.length))
        }
        expect(['read', 'unreadable']).toContain(decodeSubscription(damaged).kind)
        expect(readsOrRefuses(damaged)).toBe(true)
      }
    }),
  )
})

function readsOrRefuses(bytes: Uint8Array): boolean {
  try {
    decodeAssignment(bytes)
    return true
  } catch (error) {
    return error instanceof StreamError
  }
}
