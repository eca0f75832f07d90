import { api, field } from '../schema.ts'

export const saslAuthenticate = api({
  key: 36,
  name: 'SaslAuthenticate',
  versions: '0-2',
  flexible: '2+',
  request: {
    authBytes: field('bytes', '0+'),
  },
  response: {
    errorCode: field('int16', '0+'),
    errorMessage: field('string', '0+', { nullable: '0+' }),
    authBytes: field('bytes', '0+'),
    sessionLifetimeMs: field('int64', '1+', { default: 0 }),
  },
})
