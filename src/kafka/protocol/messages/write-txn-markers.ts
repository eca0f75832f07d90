import { api, field, list, structs } from '../schema.ts'

/** What a transaction coordinator asks leaders to do; a client may ask it to end a transaction. */
export const writeTxnMarkers = api({
  key: 27,
  name: 'WriteTxnMarkers',
  versions: '1-2',
  flexible: '1+',
  request: {
    markers: structs(
      {
        producerId: field('int64', '0+'),
        producerEpoch: field('int16', '0+'),
        transactionResult: field('bool', '0+'),
        topics: structs(
          {
            name: field('string', '0+'),
            partitionIndexes: list('int32', '0+'),
          },
          '0+',
        ),
        coordinatorEpoch: field('int32', '0+'),
        transactionVersion: field('int8', '2+', { default: 0 }),
      },
      '0+',
    ),
  },
  response: {
    markers: structs(
      {
        producerId: field('int64', '0+'),
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
      '0+',
    ),
  },
})
