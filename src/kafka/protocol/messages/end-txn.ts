import { api, field } from '../schema.ts'

export const endTxn = api({
  key: 26,
  name: 'EndTxn',
  versions: '0-5',
  flexible: '3+',
  request: {
    transactionalId: field('string', '0+'),
    producerId: field('int64', '0+'),
    producerEpoch: field('int16', '0+'),
    committed: field('bool', '0+'),
  },
  response: {
    throttleTimeMs: field('int32', '0+'),
    errorCode: field('int16', '0+'),
    producerId: field('int64', '5+', { default: -1 }),
    producerEpoch: field('int16', '5+', { default: -1 }),
  },
})
