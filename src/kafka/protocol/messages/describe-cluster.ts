import { api, field, structs } from '../schema.ts'

export const describeCluster = api({
  key: 60,
  name: 'DescribeCluster',
  versions: '0-2',
  flexible: '0+',
  request: {
    includeClusterAuthorizedOperations: field('bool', '0+'),
    endpointType: field('int8', '1+', { default: 1 }),
    includeFencedBrokers: field('bool', '2+'),
  },
  response: {
    throttleTimeMs: field('int32', '0+'),
    errorCode: field('int16', '0+'),
    errorMessage: field('string', '0+', { nullable: '0+', default: null }),
    endpointType: field('int8', '1+', { default: 1 }),
    clusterId: field('string', '0+'),
    controllerId: field('int32', '0+', { default: -1 }),
    brokers: structs(
      {
        brokerId: field('int32', '0+'),
        host: field('string', '0+'),
        port: field('int32', '0+'),
        rack: field('string', '0+', { nullable: '0+', default: null }),
        isFenced: field('bool', '2+'),
      },
      '0+',
    ),
    clusterAuthorizedOperations: field('int32', '0+', { default: -2147483648 }),
  },
})
