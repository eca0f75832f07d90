import { api, field, structs } from '../schema.ts'

export const leaveGroup = api({
  key: 13,
  name: 'LeaveGroup',
  versions: '0-5',
  flexible: '4+',
  request: {
    groupId: field('string', '0+'),
    memberId: field('string', '0-2'),
    members: structs(
      {
        memberId: field('string', '3+'),
        groupInstanceId: field('string', '3+', { nullable: '3+', default: null }),
        reason: field('string', '5+', { nullable: '5+', default: null }),
      },
      '3+',
    ),
  },
  response: {
    throttleTimeMs: field('int32', '1+'),
    errorCode: field('int16', '0+'),
    members: structs(
      {
        memberId: field('string', '3+'),
        groupInstanceId: field('string', '3+', { nullable: '3+' }),
        errorCode: field('int16', '3+'),
      },
      '3+',
    ),
  },
})
