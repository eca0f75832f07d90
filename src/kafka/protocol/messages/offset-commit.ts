import { api, field, structs } from '../schema.ts'

export const offsetCommit = api({
  key: 8,
  name: 'OffsetCommit',
  versions: '2-10',
  flexible: '8+',
  request: {
    groupId: field('string', '0+'),
    generationIdOrMemberEpoch: field('int32', '1+', { default: -1 }),
    memberId: field('string', '1+'),
    groupInstanceId: field('string', '7+', { nullable: '7+', default: null }),
    retentionTimeMs: field('int64', '2-4', { default: -1 }),
    topics: structs(
      {
        name: field('string', '0-9'),
        topicId: field('uuid', '10+'),
        partitions: structs(
          {
            partitionIndex: field('int32', '0+'),
            committedOffset: field('int64', '0+'),
            committedLeaderEpoch: field('int32', '6+', { default: -1 }),
            committedMetadata: field('string', '0+', { nullable: '0+' }),
          },
          '0+',
        ),
      },
      '0+',
    ),
  },
  response: {
    throttleTimeMs: field('int32', '3+'),
    topics: structs(
      {
        name: field('string', '0-9'),
        topicId: field('uuid', '10+'),
        partitions: structs(
          {
            partitionIndex: field('int32', '0+'),
            errorCode: field('int16', '0+'),
          },
          '0+',
        ),
      },
      '0+',
    ),
  },
})
