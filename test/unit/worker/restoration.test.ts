import { expect, test } from '@jest/globals'
import type { Admin, Fetcher } from '../../../src/kafka/client/port.ts'
import type { OwnedTask } from '../../../src/worker/owned-tasks.ts'
import { restoreTasks } from '../../../src/worker/restoration.ts'
import { quietEnv } from '../../quiet-env.ts'

const { logger } = quietEnv

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
  const parts = { fetcher: unused, admin: unused, env: quietEnv, logger, cacheBytesMax: 1e6 }
  await expect(restoreTasks([owned], () => [], parts)).resolves.toBeUndefined()
})

interface Kept {
  readonly from: number
  readonly to?: number
  readonly mark?: string
  readonly layout?: string
}

/** Restores one store whose log has offsets 100 to 200 and answers what was done with it. */
async function restored({ from, to, mark, layout }: Kept): Promise<readonly string[]> {
  const done: string[] = []
  const need = { store: 's', topic: 'log', partition: 0, from, to, layout }
  const owned = {
    id: '0_0',
    abort: new AbortController(),
    restored: 0,
    restoreTotal: 0,
    state: {
      changelogMark: () => mark,
      noteChangelog: (_: string, noted: string) => done.push(`noted ${noted}`),
    },
    task: {
      restoreNeeds: () => [need],
      clear: () => done.push('cleared'),
      restore: (_: string, __: unknown, nextOffset: number) => done.push(`to ${nextOffset}`),
    },
  } as unknown as OwnedTask
  const at = { earliest: 100, latest: 200 }
  const admin = {
    listOffsets: async (_: unknown, which: 'earliest' | 'latest') =>
      new Map([['log-0', at[which]]]),
    describeTopics: async () => new Map([['log', { name: 'log', topicId: 'aaaaaaaa-bbbb' }]]),
  } as unknown as Admin
  const assigned: number[] = []
  const fetcher = {
    assign: (_: unknown, offset: number) => assigned.push(offset),
    poll: () => assigned.map(() => ({ ...need, batches: [], nextOffset: to ?? 200 })),
    problems: () => [],
    remove: () => undefined,
  } as unknown as Fetcher
  await restoreTasks([owned], () => [], {
    fetcher,
    admin,
    env: quietEnv,
    logger,
    cacheBytesMax: 1e6,
  })
  return [...done, ...assigned.map((offset) => `from ${offset}`)]
}

test.each<[string, Kept, readonly string[]]>([
  ['is gone on from', { from: 150, mark: 'aaaaaaaa' }, ['to 200', 'from 150']],
  ['that is up to date needs nothing', { from: 200, mark: 'aaaaaaaa' }, []],
  ['of nothing is read from its beginning', { from: 0 }, ['noted aaaaaaaa', 'to 200', 'from 100']],
  [
    'of another topic of the same name is forgotten',
    { from: 150, mark: 'cccccccc' },
    ['cleared', 'noted aaaaaaaa', 'to 200', 'from 100'],
  ],
  [
    'in slices of the same length is gone on from',
    { from: 150, mark: 'aaaaaaaa slices-8-60', layout: 'slices-8-60' },
    ['to 200', 'from 150'],
  ],
  [
    'in slices of another length is forgotten',
    { from: 150, mark: 'aaaaaaaa slices-8-30', layout: 'slices-8-60' },
    ['cleared', 'noted aaaaaaaa slices-8-60', 'to 200', 'from 100'],
  ],
  [
    'ahead of its log is forgotten',
    { from: 201, mark: 'aaaaaaaa' },
    ['cleared', 'to 200', 'from 100'],
  ],
  [
    'behind its log is forgotten',
    { from: 99, mark: 'aaaaaaaa' },
    ['cleared', 'to 200', 'from 100'],
  ],
  [
    'ahead of the position of the topic that it is a table of is forgotten',
    { from: 150, to: 120, mark: 'aaaaaaaa' },
    ['cleared', 'to 120', 'from 100'],
  ],
])('what is kept %s', async (_, kept, expected) => {
  expect(await restored(kept)).toEqual(expected)
})
