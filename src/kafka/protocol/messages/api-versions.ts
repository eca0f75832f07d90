import { api, field, structs } from '../schema.ts'

export const apiVersions = api({
  key: 18,
  name: 'ApiVersions',
  versions: '0-4',
  flexible: '3+',
  request: {
    clientSoftwareName: field('string', '3+'),
    clientSoftwareVersion: field('string', '3+'),
  },
  response: {
    errorCode: field('int16', '0+'),
    apiKeys: structs(
      {
        apiKey: field('int16', '0+'),
        minVersion: field('int16', '0+'),
        maxVersion: field('int16', '0+'),
      },
      '0+',
    ),
    throttleTimeMs: field('int32', '1+'),
    supportedFeatures: structs(
      {
        name: field('string', '3+'),
        minVersion: field('int16', '3+'),
        maxVersion: field('int16', '3+'),
      },
      '3+',
      { tag: 0, tagged: '3+' },
    ),
    finalizedFeaturesEpoch: field('int64', '3+', { default: -1, tag: 1, tagged: '3+' }),
    finalizedFeatures: structs(
      {
        name: field('string', '3+'),
        maxVersionLevel: field('int16', '3+'),
        minVersionLevel: field('int16', '3+'),
      },
      '3+',
      { tag: 2, tagged: '3+' },
    ),
    zkMigrationReady: field('bool', '3+', { default: false, tag: 3, tagged: '3+' }),
  },
})
