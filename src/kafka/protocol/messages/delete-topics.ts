import { api, field, list, structs } from '../schema.ts'

export const deleteTopics = api({
  key: 20,
  name: 'DeleteTopics',
  versions: '1-6',
  flexible: '4+',
  request: {
    topics: structs(
      {
        name: field('string', '6+', { nullable: '6+', default: null }),
        topicId: field('uuid', '6+'),
      },
      '6+',
    ),
    topicNames: list('string', '0-5'),
    timeoutMs: field('int32', '0+'),
  },
  response: {
    throttleTimeMs: field('int32', '1+'),
    responses: structs(
      {
        name: field('string', '0+', { nullable: '6+' }),
        topicId: field('uuid', '6+'),
        errorCode: field('int16', '0+'),
        errorMessage: field('string', '5+', { nullable: '5+', default: null }),
      },
      '0+',
    ),
  },
})
