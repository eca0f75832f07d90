import { api, field, structs } from '../schema.ts'

export const deleteRecords = api({
  key: 21,
  name: 'DeleteRecords',
  versions: '0-2',
  flexible: '2+',
  request: {
    topics: structs(
      {
        name: field('string', '0+'),
        partitions: structs(
          {
            partitionIndex: field('int32', '0+'),
            offset: field('int64', '0+'),
          },
          '0+',
        ),
      },
      '0+',
    ),
    timeoutMs: field('int32', '0+'),
  },
  response: {
    throttleTimeMs: field('int32', '0+'),
    topics: structs(
      {
        name: field('string', '0+'),
        partitions: structs(
          {
            partitionIndex: field('int32', '0+'),
            lowWatermark: field('int64', '0+'),
            errorCode: field('int16', '0+'),
          },
          '0+',
        ),
      },
      '0+',
    ),
  },
})
