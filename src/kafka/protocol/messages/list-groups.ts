import { api, field, list, structs } from '../schema.ts'

export const listGroups = api({
  key: 16,
  name: 'ListGroups',
  versions: '0-5',
  flexible: '3+',
  request: {
    statesFilter: list('string', '4+'),
    typesFilter: list('string', '5+'),
  },
  response: {
    throttleTimeMs: field('int32', '1+'),
    errorCode: field('int16', '0+'),
    groups: structs(
      {
        groupId: field('string', '0+'),
        protocolType: field('string', '0+'),
        groupState: field('string', '4+'),
        groupType: field('string', '5+'),
      },
      '0+',
    ),
  },
})
