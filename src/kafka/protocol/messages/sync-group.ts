import { api, field, structs } from '../schema.ts'

export const syncGroup = api({
  key: 14,
  name: 'SyncGroup',
  versions: '0-5',
  flexible: '4+',
  request: {
    groupId: field('string', '0+'),
    generationId: field('int32', '0+'),
    memberId: field('string', '0+'),
    groupInstanceId: field('string', '3+', { nullable: '3+', default: null }),
    protocolType: field('string', '5+', { nullable: '5+', default: null }),
    protocolName: field('string', '5+', { nullable: '5+', default: null }),
    assignments: structs(
      {
        memberId: field('string', '0+'),
        assignment: field('bytes', '0+'),
      },
      '0+',
    ),
  },
  response: {
    throttleTimeMs: field('int32', '1+'),
    errorCode: field('int16', '0+'),
    protocolType: field('string', '5+', { nullable: '5+', default: null }),
    protocolName: field('string', '5+', { nullable: '5+', default: null }),
    assignment: field('bytes', '0+'),
  },
})
