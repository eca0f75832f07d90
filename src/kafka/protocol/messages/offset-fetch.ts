import { api, field, list, structs } from '../schema.ts'

export const offsetFetch = api({
  key: 9,
  name: 'OffsetFetch',
  versions: '1-10',
  flexible: '6+',
  request: {
    groupId: field('string', '0-7'),
    topics: structs(
      {
        name: field('string', '0-7'),
        partitionIndexes: list('int32', '0-7'),
      },
      '0-7',
      { nullable: '2-7' },
    ),
    groups: structs(
      {
        groupId: field('string', '8+'),
        memberId: field('string', '9+', { nullable: '9+', default: null }),
        memberEpoch: field('int32', '9+', { default: -1 }),
        topics: structs(
          {
            name: field('string', '8-9'),
            topicId: field('uuid', '10+'),
            partitionIndexes: list('int32', '8+'),
          },
          '8+',
          { nullable: '8+' },
        ),
      },
      '8+',
    ),
    requireStable: field('bool', '7+', { default: false }),
  },
  response: {
    throttleTimeMs: field('int32', '3+'),
    topics: structs(
      {
        name: field('string', '0-7'),
        partitions: structs(
          {
            partitionIndex: field('int32', '0-7'),
            committedOffset: field('int64', '0-7'),
            committedLeaderEpoch: field('int32', '5-7', { default: -1 }),
            metadata: field('string', '0-7', { nullable: '0-7' }),
            errorCode: field('int16', '0-7'),
          },
          '0-7',
        ),
      },
      '0-7',
    ),
    errorCode: field('int16', '2-7', { default: 0 }),
    groups: structs(
      {
        groupId: field('string', '8+'),
        topics: structs(
          {
            name: field('string', '8-9'),
            topicId: field('uuid', '10+'),
            partitions: structs(
              {
                partitionIndex: field('int32', '8+'),
                committedOffset: field('int64', '8+'),
                committedLeaderEpoch: field('int32', '8+', { default: -1 }),
                metadata: field('string', '8+', { nullable: '8+' }),
                errorCode: field('int16', '8+'),
              },
              '8+',
            ),
          },
          '8+',
        ),
        errorCode: field('int16', '8+', { default: 0 }),
      },
      '8+',
    ),
  },
})
