import { api, field, structs } from '../schema.ts'

export const joinGroup = api({
  key: 11,
  name: 'JoinGroup',
  versions: '0-9',
  flexible: '6+',
  request: {
    groupId: field('string', '0+'),
    sessionTimeoutMs: field('int32', '0+'),
    rebalanceTimeoutMs: field('int32', '1+', { default: -1 }),
    memberId: field('string', '0+'),
    groupInstanceId: field('string', '5+', { nullable: '5+', default: null }),
    protocolType: field('string', '0+'),
    protocols: structs(
      {
        name: field('string', '0+'),
        metadata: field('bytes', '0+'),
      },
      '0+',
    ),
    reason: field('string', '8+', { nullable: '8+', default: null }),
  },
  response: {
    throttleTimeMs: field('int32', '2+'),
    errorCode: field('int16', '0+'),
    generationId: field('int32', '0+', { default: -1 }),
    protocolType: field('string', '7+', { nullable: '7+', default: null }),
    protocolName: field('string', '0+', { nullable: '7+' }),
    leader: field('string', '0+'),
    skipAssignment: field('bool', '9+', { default: false }),
    memberId: field('string', '0+'),
    members: structs(
      {
        memberId: field('string', '0+'),
        groupInstanceId: field('string', '5+', { nullable: '5+', default: null }),
        metadata: field('bytes', '0+'),
      },
      '0+',
    ),
  },
})
