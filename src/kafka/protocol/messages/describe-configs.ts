import { api, field, list, structs } from '../schema.ts'

export const describeConfigs = api({
  key: 32,
  name: 'DescribeConfigs',
  versions: '1-4',
  flexible: '4+',
  request: {
    resources: structs(
      {
        resourceType: field('int8', '0+'),
        resourceName: field('string', '0+'),
        configurationKeys: list('string', '0+', { nullable: '0+' }),
      },
      '0+',
    ),
    includeSynonyms: field('bool', '1+', { default: false }),
    includeDocumentation: field('bool', '3+', { default: false }),
  },
  response: {
    throttleTimeMs: field('int32', '0+'),
    results: structs(
      {
        errorCode: field('int16', '0+'),
        errorMessage: field('string', '0+', { nullable: '0+' }),
        resourceType: field('int8', '0+'),
        resourceName: field('string', '0+'),
        configs: structs(
          {
            name: field('string', '0+'),
            value: field('string', '0+', { nullable: '0+' }),
            readOnly: field('bool', '0+'),
            configSource: field('int8', '1+', { default: -1 }),
            isSensitive: field('bool', '0+'),
            synonyms: structs(
              {
                name: field('string', '1+'),
                value: field('string', '1+', { nullable: '0+' }),
                source: field('int8', '1+'),
              },
              '1+',
            ),
            configType: field('int8', '3+', { default: 0 }),
            documentation: field('string', '3+', { nullable: '0+' }),
          },
          '0+',
        ),
      },
      '0+',
    ),
  },
})
