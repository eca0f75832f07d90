import { api, field, structs } from '../schema.ts'

export const txnOffsetCommit = api({
  key: 28,
  name: 'TxnOffsetCommit',
  versions: '0-5',
  flexible: '3+',
  request: {
    transactionalId: field('string', '0+'),
    groupId: field('string', '0+'),
    producerId: field('int64', '0+'),
    producerEpoch: field('int16', '0+'),
    generationId: field('int32', '3+', { default: -1 }),
    memberId: field('string', '3+', { default: '' }),
    groupInstanceId: field('string', '3+', { nullable: '3+', default: null }),
    topics: structs(
      {
        name: field('string', '0+'),
        partitions: structs(
          {
            partitionIndex: field('int32', '0+'),
            committedOffset: field('int64', '0+'),
            committedLeaderEpoch: field('int32', '2+', { default: -1 }),
            committedMetadata: field('string', '0+', { nullable: '0+' }),
          },
          '0+',
        ),
      },
      '0+',
    ),
  },
  response: {
    throttleTimeMs: field('int32', '0+'),
    topics: structs(
      {
        name: field('string', '0+'),
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
