import { api, field } from '../schema.ts'

export const initProducerId = api({
  key: 22,
  name: 'InitProducerId',
  versions: '0-6',
  flexible: '2+',
  request: {
    transactionalId: field('string', '0+', { nullable: '0+' }),
    transactionTimeoutMs: field('int32', '0+'),
    producerId: field('int64', '3+', { default: -1 }),
    producerEpoch: field('int16', '3+', { default: -1 }),
    enable2Pc: field('bool', '6+', { default: false }),
    keepPreparedTxn: field('bool', '6+', { default: false }),
  },
  response: {
    throttleTimeMs: field('int32', '0+'),
    errorCode: field('int16', '0+'),
    producerId: field('int64', '0+', { default: -1 }),
    producerEpoch: field('int16', '0+'),
    ongoingTxnProducerId: field('int64', '6+', { default: -1 }),
    ongoingTxnProducerEpoch: field('int16', '6+', { default: -1 }),
  },
})
