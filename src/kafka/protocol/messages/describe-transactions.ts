import { api, field, list, structs } from '../schema.ts'

export const describeTransactions = api({
  key: 65,
  name: 'DescribeTransactions',
  versions: '0',
  flexible: '0+',
  request: {
    transactionalIds: list('string', '0+'),
  },
  response: {
    throttleTimeMs: field('int32', '0+'),
    transactionStates: structs(
      {
        errorCode: field('int16', '0+'),
        transactionalId: field('string', '0+'),
        transactionState: field('string', '0+'),
        transactionTimeoutMs: field('int32', '0+'),
        transactionStartTimeMs: field('int64', '0+'),
        producerId: field('int64', '0+'),
        producerEpoch: field('int16', '0+'),
        topics: structs(
          {
            topic: field('string', '0+'),
            partitions: list('int32', '0+'),
          },
          '0+',
        ),
      },
      '0+',
    ),
  },
})
