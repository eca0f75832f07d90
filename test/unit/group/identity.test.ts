import { expect, test } from '@jest/globals'
import {
  isTransactionalIdOf,
  transactionalId,
  transactionalIdPrefix,
} from '../../../src/group/identity.ts'

test('an id is told from those of applications whose name begins the same', () => {
  const own = transactionalId('counts', '0123456789abcdef', 3)
  const other = transactionalId('counts-v2', '0123456789abcdef', 3)
  expect(own).toBe('counts-0123456789abcdef-3')
  expect(other.startsWith(transactionalIdPrefix('counts'))).toBe(true)
  expect(isTransactionalIdOf('counts', own)).toBe(true)
  expect(isTransactionalIdOf('counts', other)).toBe(false)
  expect(isTransactionalIdOf('counts', 'counts-0123456789abcdef')).toBe(false)
})

test('a process id that could not be taken out of a transactional id is refused', () => {
  expect(() => transactionalId('counts', 'a-b-c-d-e', 0)).toThrow(/PROCESS_ID_INVALID/)
})
