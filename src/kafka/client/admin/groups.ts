/** What can be done to a group without members: forgetting it, and giving it positions. */
import type { TopicPartition } from '../../../model/ids.ts'
import { deleteGroups, offsetCommit } from '../../protocol/messages/index.ts'
import { errorCode } from '../../protocol/error-codes.ts'
import type { ClientContext } from '../context.ts'
import { check } from '../failure.ts'
import { byTopic } from './by-leader.ts'

const notFound = errorCode('GROUP_ID_NOT_FOUND')

/** A group that does not exist is no error. @throws StreamError `KAFKA_NON_EMPTY_GROUP` */
export async function forget(context: ClientContext, groupId: string): Promise<void> {
  const { requests, coordinators, requestTimeoutMs } = context
  const doing = `deleting the group ${groupId}`
  await requests.retrying(rulesOf(context, groupId, doing), async () => {
    const answer = await requests.send(deleteGroups, {
      node: await coordinators.of('group', groupId),
      message: { groupsNames: [groupId] },
      timeoutMs: requestTimeoutMs,
    })
    for (const { errorCode: found } of answer.results) if (found !== notFound) check(found, doing)
  })
}

export async function commit(
  context: ClientContext,
  groupId: string,
  positions: readonly (TopicPartition & { readonly offset: number })[],
): Promise<void> {
  if (positions.length === 0) return
  const { requests, coordinators, requestTimeoutMs } = context
  const doing = `committing positions of the group ${groupId}`
  await requests.retrying(rulesOf(context, groupId, doing), async () => {
    const answer = await requests.send(offsetCommit, {
      node: await coordinators.of('group', groupId),
      max: 9,
      message: { groupId, memberId: '', topics: byTopic(positions).map(asTopic) },
      timeoutMs: requestTimeoutMs,
    })
    for (const { name: topic, partitions } of answer.topics) {
      for (const { partitionIndex: partition, errorCode: found } of partitions) {
        check(found, doing, { topic, partition })
      }
    }
  })
}

function asTopic({
  name,
  partitions,
}: {
  readonly name: string
  readonly partitions: readonly { readonly partition: number; readonly offset: number }[]
}) {
  return {
    name,
    topicId: '0'.repeat(32),
    partitions: partitions.map(({ partition, offset }) => ({
      partitionIndex: partition,
      committedOffset: offset,
      committedMetadata: '',
    })),
  }
}

function rulesOf(
  { coordinators, requestTimeoutMs }: ClientContext,
  groupId: string,
  doing: string,
) {
  const refresh = () => coordinators.forget('group', groupId)
  return { doing, timeoutMs: requestTimeoutMs, refresh }
}
