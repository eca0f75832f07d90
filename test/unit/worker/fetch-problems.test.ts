import { expect, test } from '@jest/globals'
import type { CommittedPosition } from '../../../src/kafka/client/port.ts'
import { partitionName } from '../../../src/model/ids.ts'
import { fetchFailure, haveOthersReadOn } from '../../../src/worker/fetch-problems.ts'

const partition = { topic: 'by-user', partition: 1 }
const logStart = 4

function adminWith(offset: number | undefined) {
  const asked: string[] = []
  return {
    asked,
    committedOffsets(groupId: string): Promise<ReadonlyMap<string, CommittedPosition>> {
      asked.push(groupId)
      const position =
        offset === undefined ? [] : [{ ...partition, offset, leaderEpoch: -1, metadata: '' }]
      return Promise.resolve(new Map(position.map((one) => [partitionName(one), one])))
    },
  }
}

test('others have read on where the committed position is not before the log’s start', async () => {
  const admin = adminWith(logStart)
  expect(await haveOthersReadOn(admin, 'group', partition, logStart)).toBe(true)
  expect(admin.asked).toEqual(['group'])
})

test('records are lost where the committed position is before the log’s start', async () => {
  expect(await haveOthersReadOn(adminWith(logStart - 1), 'group', partition, logStart)).toBe(false)
  expect(await haveOthersReadOn(adminWith(undefined), 'group', partition, logStart)).toBe(false)
  const problem = { kind: 'offset-out-of-range', at: 2, logStart } as const
  expect(fetchFailure(partition, problem)).toMatchObject({
    code: 'POSITION_LOST',
    recovery: 'fatal',
    where: { ...partition, offset: 2 },
  })
})
