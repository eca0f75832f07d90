import { expect, test } from '@jest/globals'
import type { Admin, Fetcher } from '../../../src/kafka/client/port.ts'
import type { OwnedTask } from '../../../src/worker/owned-tasks.ts'
import { restoreTasks } from '../../../src/worker/restoration.ts'
import { quietEnv } from '../../quiet-env.ts'

test('a task that was taken away before its restoration began is left alone', async () => {
  const abort = new AbortController()
  abort.abort()
  const closed = {
    restoreNeeds() {
      throw new Error('a closed task was asked for its needs')
    },
  }
  const owned = { id: '0_0', task: closed, abort } as unknown as OwnedTask
  const unused = {} as unknown as Admin & Fetcher
  await expect(restoreTasks([owned], () => [], unused, unused, quietEnv)).resolves.toBeUndefined()
})
