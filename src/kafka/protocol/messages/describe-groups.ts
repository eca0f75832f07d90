import { api, field, list, structs } from '../schema.ts'

export const describeGroups = api({
  key: 15,
  name: 'DescribeGroups',
  versions: '0-6',
  flexible: '5+',
  request: {
    groups: list('string', '0+'),
    includeAuthorizedOperations: field('bool', '3+'),
  },
  response: {
    throttleTimeMs: field('int32', '1+'),
    groups: structs(
      {
        errorCode: field('int16', '0+'),
        errorMessage: field('string', '6+', { nullable: '6+', default: null }),
        groupId: field('string', '0+'),
        groupState: field('string', '0+'),
        protocolType: field('string', '0+'),
        protocolData: field('string', '0+'),
        members: structs(
          {
            memberId: field('string', '0+'),
            groupInstanceId: field('string', '4+', { nullable: '4+', default: null }),
            clientId: field('string', '0+'),
            clientHost: field('string', '0+'),
            memberMetadata: field('bytes', '0+'),
            memberAssignment: field('bytes', '0+'),
          },
          '0+',
        ),
        authorizedOperations: field('int32', '3+', { default: -2147483648 }),
      },
      '0+',
    ),
  },
})
