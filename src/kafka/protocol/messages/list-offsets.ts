import { api, field, structs } from '../schema.ts'

export const listOffsets = api({
  key: 2,
  name: 'ListOffsets',
  versions: '1-11',
  flexible: '6+',
  request: {
    replicaId: field('int32', '0+'),
    isolationLevel: field('int8', '2+'),
    topics: structs(
      {
        name: field('string', '0+'),
        partitions: structs(
          {
            partitionIndex: field('int32', '0+'),
            currentLeaderEpoch: field('int32', '4+', { default: -1 }),
            timestamp: field('int64', '0+'),
          },
          '0+',
        ),
      },
      '0+',
    ),
    timeoutMs: field('int32', '10+'),
  },
  response: {
    throttleTimeMs: field('int32', '2+'),
    topics: structs(
      {
        name: field('string', '0+'),
        partitions: structs(
          {
            partitionIndex: field('int32', '0+'),
            errorCode: field('int16', '0+'),
            timestamp: field('int64', '1+', { default: -1 }),
            offset: field('int64', '1+', { default: -1 }),
            leaderEpoch: field('int32', '4+', { default: -1 }),
          },
          '0+',
        ),
      },
      '0+',
    ),
  },
})
