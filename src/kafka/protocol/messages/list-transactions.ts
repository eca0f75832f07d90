import { api, field, list, structs } from '../schema.ts'

export const listTransactions = api({
  key: 66,
  name: 'ListTransactions',
  versions: '0-2',
  flexible: '0+',
  request: {
    stateFilters: list('string', '0+'),
    producerIdFilters: list('int64', '0+'),
    durationFilter: field('int64', '1+', { default: -1 }),
    transactionalIdPattern: field('string', '2+', { nullable: '2+', default: null }),
  },
  response: {
    throttleTimeMs: field('int32', '0+'),
    errorCode: field('int16', '0+'),
    unknownStateFilters: list('string', '0+'),
    transactionStates: structs(
      {
        transactionalId: field('string', '0+'),
        producerId: field('int64', '0+'),
        transactionState: field('string', '0+'),
      },
      '0+',
    ),
  },
})
