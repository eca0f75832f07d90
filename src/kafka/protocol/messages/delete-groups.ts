import { api, field, list, structs } from '../schema.ts'

export const deleteGroups = api({
  key: 42,
  name: 'DeleteGroups',
  versions: '0-2',
  flexible: '2+',
  request: {
    groupsNames: list('string', '0+'),
  },
  response: {
    throttleTimeMs: field('int32', '0+'),
    results: structs(
      {
        groupId: field('string', '0+'),
        errorCode: field('int16', '0+'),
      },
      '0+',
    ),
  },
})
