import { api, field, list, structs } from '../schema.ts'

export const createTopics = api({
  key: 19,
  name: 'CreateTopics',
  versions: '2-7',
  flexible: '5+',
  request: {
    topics: structs(
      {
        name: field('string', '0+'),
        numPartitions: field('int32', '0+'),
        replicationFactor: field('int16', '0+'),
        assignments: structs(
          {
            partitionIndex: field('int32', '0+'),
            brokerIds: list('int32', '0+'),
          },
          '0+',
        ),
        configs: structs(
          {
            name: field('string', '0+'),
            value: field('string', '0+', { nullable: '0+' }),
          },
          '0+',
        ),
      },
      '0+',
    ),
    timeoutMs: field('int32', '0+', { default: 60000 }),
    validateOnly: field('bool', '1+', { default: false }),
  },
  response: {
    throttleTimeMs: field('int32', '2+'),
    topics: structs(
      {
        name: field('string', '0+'),
        topicId: field('uuid', '7+'),
        errorCode: field('int16', '0+'),
        errorMessage: field('string', '1+', { nullable: '0+' }),
        topicConfigErrorCode: field('int16', '5+', { tag: 0, tagged: '5+' }),
        numPartitions: field('int32', '5+', { default: -1 }),
        replicationFactor: field('int16', '5+', { default: -1 }),
        configs: structs(
          {
            name: field('string', '5+'),
            value: field('string', '5+', { nullable: '5+' }),
            readOnly: field('bool', '5+'),
            configSource: field('int8', '5+', { default: -1 }),
            isSensitive: field('bool', '5+'),
          },
          '5+',
          { nullable: '5+' },
        ),
      },
      '0+',
    ),
  },
})
