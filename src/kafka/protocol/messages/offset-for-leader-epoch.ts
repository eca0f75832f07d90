import { api, field, structs } from '../schema.ts'

export const offsetForLeaderEpoch = api({
  key: 23,
  name: 'OffsetForLeaderEpoch',
  versions: '2-4',
  flexible: '4+',
  request: {
    replicaId: field('int32', '3+', { default: -2 }),
    topics: structs(
      {
        topic: field('string', '0+'),
        partitions: structs(
          {
            partition: field('int32', '0+'),
            currentLeaderEpoch: field('int32', '2+', { default: -1 }),
            leaderEpoch: field('int32', '0+'),
          },
          '0+',
        ),
      },
      '0+',
    ),
  },
  response: {
    throttleTimeMs: field('int32', '2+'),
    topics: structs(
      {
        topic: field('string', '0+'),
        partitions: structs(
          {
            errorCode: field('int16', '0+'),
            partition: field('int32', '0+'),
            leaderEpoch: field('int32', '1+', { default: -1 }),
            endOffset: field('int64', '0+', { default: -1 }),
          },
          '0+',
        ),
      },
      '0+',
    ),
  },
})
