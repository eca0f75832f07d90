import { api, field } from '../schema.ts'

export const heartbeat = api({
  key: 12,
  name: 'Heartbeat',
  versions: '0-4',
  flexible: '4+',
  request: {
    groupId: field('string', '0+'),
    generationId: field('int32', '0+'),
    memberId: field('string', '0+'),
    groupInstanceId: field('string', '3+', { nullable: '3+', default: null }),
  },
  response: {
    throttleTimeMs: field('int32', '1+'),
    errorCode: field('int16', '0+'),
  },
})
