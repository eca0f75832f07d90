import { api, field, structs } from '../schema.ts'

export const incrementalAlterConfigs = api({
  key: 44,
  name: 'IncrementalAlterConfigs',
  versions: '0-1',
  flexible: '1+',
  request: {
    resources: structs(
      {
        resourceType: field('int8', '0+'),
        resourceName: field('string', '0+'),
        configs: structs(
          {
            name: field('string', '0+'),
            configOperation: field('int8', '0+'),
            value: field('string', '0+', { nullable: '0+' }),
          },
          '0+',
        ),
      },
      '0+',
    ),
    validateOnly: field('bool', '0+'),
  },
  response: {
    throttleTimeMs: field('int32', '0+'),
    responses: structs(
      {
        errorCode: field('int16', '0+'),
        errorMessage: field('string', '0+', { nullable: '0+' }),
        resourceType: field('int8', '0+'),
        resourceName: field('string', '0+'),
      },
      '0+',
    ),
  },
})
