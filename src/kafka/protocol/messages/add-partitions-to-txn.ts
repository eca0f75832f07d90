import { api, field, list, structs } from '../schema.ts'

const addPartitionsToTxnTopic = {
  name: field('string', '0+'),
  partitions: list('int32', '0+'),
} as const

const addPartitionsToTxnPartitionResult = {
  partitionIndex: field('int32', '0+'),
  partitionErrorCode: field('int16', '0+'),
} as const

const addPartitionsToTxnTopicResult = {
  name: field('string', '0+'),
  resultsByPartition: structs(addPartitionsToTxnPartitionResult, '0+'),
} as const

export const addPartitionsToTxn = api({
  key: 24,
  name: 'AddPartitionsToTxn',
  versions: '0-5',
  flexible: '3+',
  request: {
    transactions: structs(
      {
        transactionalId: field('string', '4+'),
        producerId: field('int64', '4+'),
        producerEpoch: field('int16', '4+'),
        verifyOnly: field('bool', '4+', { default: false }),
        topics: structs(addPartitionsToTxnTopic, '4+'),
      },
      '4+',
    ),
    v3AndBelowTransactionalId: field('string', '0-3'),
    v3AndBelowProducerId: field('int64', '0-3'),
    v3AndBelowProducerEpoch: field('int16', '0-3'),
    v3AndBelowTopics: structs(addPartitionsToTxnTopic, '0-3'),
  },
  response: {
    throttleTimeMs: field('int32', '0+'),
    errorCode: field('int16', '4+'),
    resultsByTransaction: structs(
      {
        transactionalId: field('string', '4+'),
        topicResults: structs(addPartitionsToTxnTopicResult, '4+'),
      },
      '4+',
    ),
    resultsByTopicV3AndBelow: structs(addPartitionsToTxnTopicResult, '0-3'),
  },
})
