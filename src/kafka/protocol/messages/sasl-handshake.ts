import { api, field, list } from '../schema.ts'

export const saslHandshake = api({
  key: 17,
  name: 'SaslHandshake',
  versions: '0-1',
  flexible: 'none',
  request: {
    mechanism: field('string', '0+'),
  },
  response: {
    errorCode: field('int16', '0+'),
    mechanisms: list('string', '0+'),
  },
})
