import { api, field, list, struct, structs } from '../schema.ts'

/** Long.MAX_VALUE, as near as a number comes. */
const longMax = 2 ** 63

export const fetch = api({
  key: 1,
  name: 'Fetch',
  versions: '4-18',
  flexible: '12+',
  request: {
    clusterId: field('string', '12+', { nullable: '12+', default: null, tag: 0, tagged: '12+' }),
    replicaId: field('int32', '0-14', { default: -1 }),
    replicaState: struct(
      {
        replicaId: field('int32', '15+', { default: -1 }),
        replicaEpoch: field('int64', '15+', { default: -1 }),
      },
      '15+',
      { tag: 1, tagged: '15+' },
    ),
    maxWaitMs: field('int32', '0+'),
    minBytes: field('int32', '0+'),
    maxBytes: field('int32', '3+', { default: 0x7fffffff }),
    isolationLevel: field('int8', '4+', { default: 0 }),
    sessionId: field('int32', '7+', { default: 0 }),
    sessionEpoch: field('int32', '7+', { default: -1 }),
    topics: structs(
      {
        topic: field('string', '0-12'),
        topicId: field('uuid', '13+'),
        partitions: structs(
          {
            partition: field('int32', '0+'),
            currentLeaderEpoch: field('int32', '9+', { default: -1 }),
            fetchOffset: field('int64', '0+'),
            lastFetchedEpoch: field('int32', '12+', { default: -1 }),
            logStartOffset: field('int64', '5+', { default: -1 }),
            partitionMaxBytes: field('int32', '0+'),
            replicaDirectoryId: field('uuid', '17+', { tag: 0, tagged: '17+' }),
            highWatermark: field('int64', '18+', { default: longMax, tag: 1, tagged: '18+' }),
          },
          '0+',
        ),
      },
      '0+',
    ),
    forgottenTopicsData: structs(
      {
        topic: field('string', '7-12'),
        topicId: field('uuid', '13+'),
        partitions: list('int32', '7+'),
      },
      '7+',
    ),
    rackId: field('string', '11+', { default: '' }),
  },
  response: {
    throttleTimeMs: field('int32', '1+'),
    errorCode: field('int16', '7+'),
    sessionId: field('int32', '7+', { default: 0 }),
    responses: structs(
      {
        topic: field('string', '0-12'),
        topicId: field('uuid', '13+'),
        partitions: structs(
          {
            partitionIndex: field('int32', '0+'),
            errorCode: field('int16', '0+'),
            highWatermark: field('int64', '0+'),
            lastStableOffset: field('int64', '4+', { default: -1 }),
            logStartOffset: field('int64', '5+', { default: -1 }),
            divergingEpoch: struct(
              {
                epoch: field('int32', '12+', { default: -1 }),
                endOffset: field('int64', '12+', { default: -1 }),
              },
              '12+',
              { tag: 0, tagged: '12+' },
            ),
            currentLeader: struct(
              {
                leaderId: field('int32', '12+', { default: -1 }),
                leaderEpoch: field('int32', '12+', { default: -1 }),
              },
              '12+',
              { tag: 1, tagged: '12+' },
            ),
            snapshotId: struct(
              {
                endOffset: field('int64', '0+', { default: -1 }),
                epoch: field('int32', '0+', { default: -1 }),
              },
              '12+',
              { tag: 2, tagged: '12+' },
            ),
            abortedTransactions: structs(
              {
                producerId: field('int64', '4+'),
                firstOffset: field('int64', '4+'),
              },
              '4+',
              { nullable: '4+' },
            ),
            preferredReadReplica: field('int32', '11+', { default: -1 }),
            records: field('records', '0+', { nullable: '0+' }),
          },
          '0+',
        ),
      },
      '0+',
    ),
    nodeEndpoints: structs(
      {
        nodeId: field('int32', '16+'),
        host: field('string', '16+'),
        port: field('int32', '16+'),
        rack: field('string', '16+', { nullable: '16+', default: null }),
      },
      '16+',
      { tag: 0, tagged: '16+' },
    ),
  },
})
