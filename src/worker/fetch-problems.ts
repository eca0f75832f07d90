import type { Admin, FetchProblem } from '../kafka/client/port.ts'
import { assertNever, StreamError } from '../model/errors.ts'
import { partitionName, type TopicPartition } from '../model/ids.ts'

export type LostPosition = Extract<FetchProblem, { readonly kind: 'offset-out-of-range' }>

/**
 * Reading cannot go on without somebody deciding: skipping what is gone would break the promise
 * that each record has its effect.
 */
export function fetchFailure(
  { topic, partition }: TopicPartition,
  problem: FetchProblem,
): StreamError {
  switch (problem.kind) {
    case 'offset-out-of-range':
      return new StreamError(
        'POSITION_LOST',
        `reading has to go on at offset ${problem.at}, but the log begins at ` +
          `${problem.logStart}: records were deleted before they were read. Raise the ` +
          'retention of the topic, and set the position of the stopped group: ' +
          'kafka-consumer-groups.sh --reset-offsets; or start over under another application name',
        {
          domain: 'external',
          recovery: 'fatal',
          where: { topic, partition, offset: problem.at },
        },
      )
    case 'truncated':
      return new StreamError(
        'LOG_TRUNCATED',
        `offset ${problem.at} was read, but the log now ends at ${problem.truncatedTo}: the ` +
          'partition lost records (unclean leader election). Decide where to go on, and set the ' +
          'position of the group',
        {
          domain: 'external',
          recovery: 'fatal',
          where: { topic, partition, offset: problem.at },
        },
      )
    case 'topic-recreated':
      return topicRecreated({ topic, partition }, problem.at)
    case 'failed':
      if (problem.error instanceof StreamError) return problem.error
      return new StreamError('INPUT_UNREADABLE', problem.error.message, {
        domain: 'external',
        recovery: 'fatal',
        where: { topic, partition },
        cause: problem.error,
      })
    default:
      return assertNever(problem)
  }
}

/**
 * Whether positions have been committed that are behind the log's start: then others have read what
 * is gone, and the group has taken the partition from whoever still wants to read it.
 */
export async function haveOthersReadOn(
  admin: Pick<Admin, 'committedOffsets'>,
  groupId: string,
  partition: TopicPartition,
  logStart: number,
): Promise<boolean> {
  const committed = await admin.committedOffsets(groupId, [partition])
  return (committed.get(partitionName(partition))?.offset ?? -1) >= logStart
}

/** @param offset The position, which is of the topic before. */
export function topicRecreated({ topic, partition }: TopicPartition, offset: number): StreamError {
  return new StreamError(
    'TOPIC_RECREATED',
    `the topic was deleted and created again under its name: offset ${offset} belongs to the one ` +
      'before. Delete what the group still has of positions for it (kafka-consumer-groups.sh ' +
      '--delete-offsets) and start again: the new topic is read as startFrom says, into the ' +
      'state that is there; under another application name the state begins anew too',
    { domain: 'external', recovery: 'fatal', where: { topic, partition, offset } },
  )
}
