import { api, field, list, structs } from '../schema.ts'

export const describeProducers = api({
  key: 61,
  name: 'DescribeProducers',
  versions: '0',
  flexible: '0+',
  request: {
    topics: structs(
      {
        name: field('string', '0+'),
        partitionIndexes: list('int32', '0+'),
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
            errorMessage: field('string', '0+', { nullable: '0+', default: null }),
            activeProducers: structs(
              {
                producerId: field('int64', '0+'),
                producerEpoch: field('int32', '0+'),
                lastSequence: field('int32', '0+', { default: -1 }),
                lastTimestamp: field('int64', '0+', { default: -1 }),
                coordinatorEpoch: field('int32', '0+'),
                currentTxnStartOffset: field('int64', '0+', { default: -1 }),
              },
              '0+',
            ),
          },
          '0+',
        ),
      },
      '0+',
    ),
  },
})
