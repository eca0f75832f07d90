import { api, field, list, structs } from '../schema.ts'

export const createPartitions = api({
  key: 37,
  name: 'CreatePartitions',
  versions: '0-3',
  flexible: '2+',
  request: {
    topics: structs(
      {
        name: field('string', '0+'),
        count: field('int32', '0+'),
        assignments: structs(
          {
            brokerIds: list('int32', '0+'),
          },
          '0+',
          { nullable: '0+' },
        ),
      },
      '0+',
    ),
    timeoutMs: field('int32', '0+'),
    validateOnly: field('bool', '0+'),
  },
  response: {
    throttleTimeMs: field('int32', '0+'),
    results: structs(
      {
        name: field('string', '0+'),
        errorCode: field('int16', '0+'),
        errorMessage: field('string', '0+', { nullable: '0+', default: null }),
      },
      '0+',
    ),
  },
})
