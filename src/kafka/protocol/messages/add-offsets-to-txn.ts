import { api, field } from '../schema.ts'

export const addOffsetsToTxn = api({
  key: 25,
  name: 'AddOffsetsToTxn',
  versions: '0-4',
  flexible: '3+',
  request: {
    transactionalId: field('string', '0+'),
    producerId: field('int64', '0+'),
    producerEpoch: field('int16', '0+'),
    groupId: field('string', '0+'),
  },
  response: {
    throttleTimeMs: field('int32', '0+'),
    errorCode: field('int16', '0+'),
  },
})
