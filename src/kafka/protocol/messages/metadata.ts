import { api, field, list, structs } from '../schema.ts'

export const metadata = api({
  key: 3,
  name: 'Metadata',
  versions: '0-13',
  flexible: '9+',
  request: {
    topics: structs(
      {
        topicId: field('uuid', '10+'),
        name: field('string', '0+', { nullable: '10+' }),
      },
      '0+',
      { nullable: '1+' },
    ),
    allowAutoTopicCreation: field('bool', '4+', { default: true }),
    includeClusterAuthorizedOperations: field('bool', '8-10'),
    includeTopicAuthorizedOperations: field('bool', '8+'),
  },
  response: {
    throttleTimeMs: field('int32', '3+'),
    brokers: structs(
      {
        nodeId: field('int32', '0+'),
        host: field('string', '0+'),
        port: field('int32', '0+'),
        rack: field('string', '1+', { nullable: '1+', default: null }),
      },
      '0+',
    ),
    clusterId: field('string', '2+', { nullable: '2+', default: null }),
    controllerId: field('int32', '1+', { default: -1 }),
    topics: structs(
      {
        errorCode: field('int16', '0+'),
        name: field('string', '0+', { nullable: '12+' }),
        topicId: field('uuid', '10+'),
        isInternal: field('bool', '1+', { default: false }),
        partitions: structs(
          {
            errorCode: field('int16', '0+'),
            partitionIndex: field('int32', '0+'),
            leaderId: field('int32', '0+'),
            leaderEpoch: field('int32', '7+', { default: -1 }),
            replicaNodes: list('int32', '0+'),
            isrNodes: list('int32', '0+'),
            offlineReplicas: list('int32', '5+'),
          },
          '0+',
        ),
        topicAuthorizedOperations: field('int32', '8+', { default: -2147483648 }),
      },
      '0+',
    ),
    clusterAuthorizedOperations: field('int32', '8-10', { default: -2147483648 }),
    errorCode: field('int16', '13+'),
  },
})
