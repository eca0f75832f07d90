import { api, field, struct, structs } from '../schema.ts'

export const produce = api({
  key: 0,
  name: 'Produce',
  versions: '3-13',
  flexible: '9+',
  request: {
    transactionalId: field('string', '3+', { nullable: '3+', default: null }),
    acks: field('int16', '0+'),
    timeoutMs: field('int32', '0+'),
    topicData: structs(
      {
        name: field('string', '0-12'),
        topicId: field('uuid', '13+'),
        partitionData: structs(
          {
            index: field('int32', '0+'),
            records: field('records', '0+', { nullable: '0+' }),
          },
          '0+',
        ),
      },
      '0+',
    ),
  },
  response: {
    responses: structs(
      {
        name: field('string', '0-12'),
        topicId: field('uuid', '13+'),
        partitionResponses: structs(
          {
            index: field('int32', '0+'),
            errorCode: field('int16', '0+'),
            baseOffset: field('int64', '0+'),
            logAppendTimeMs: field('int64', '2+', { default: -1 }),
            logStartOffset: field('int64', '5+', { default: -1 }),
            recordErrors: structs(
              {
                batchIndex: field('int32', '8+'),
                batchIndexErrorMessage: field('string', '8+', { nullable: '8+', default: null }),
              },
              '8+',
            ),
            errorMessage: field('string', '8+', { nullable: '8+', default: null }),
            currentLeader: struct(
              {
                leaderId: field('int32', '10+', { default: -1 }),
                leaderEpoch: field('int32', '10+', { default: -1 }),
              },
              '10+',
              { tag: 0, tagged: '10+' },
            ),
          },
          '0+',
        ),
      },
      '0+',
    ),
    throttleTimeMs: field('int32', '1+', { default: 0 }),
    nodeEndpoints: structs(
      {
        nodeId: field('int32', '10+'),
        host: field('string', '10+'),
        port: field('int32', '10+'),
        rack: field('string', '10+', { nullable: '10+', default: null }),
      },
      '10+',
      { tag: 0, tagged: '10+' },
    ),
  },
})
