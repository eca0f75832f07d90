import { expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { Broker } from '../../../../src/kafka/broker/broker.ts'
import { encodeRequest } from '../../../../src/kafka/protocol/codec.ts'
import {
  apis,
  createTopics,
  fetch,
  joinGroup,
  produce,
} from '../../../../src/kafka/protocol/messages/index.ts'
import { versionRange } from '../../../../src/kafka/protocol/schema.ts'
import { nodeId } from '../../../../src/model/ids.ts'
import { batchOf } from '../../../unit/kafka/broker/broker-bench.ts'

const kinds = apis.flatMap((api) => {
  const { from, to } = versionRange(api.versions)
  return Array.from({ length: to - from + 1 }, (_, i) => ({ key: api.key, version: from + i }))
})

function send(broker: Broker, id: number, key: number, version: number, body: Uint8Array) {
  const effects = broker.handle(
    {
      id,
      connection: `c${id}`,
      node: nodeId(1),
      clientId: 'test',
      clientHost: '/127.0.0.1',
      apiKey: key,
      apiVersion: version,
      body,
    },
    1_000,
  )
  return effects.map((effect) => effect.kind)
}

test('arbitrary bytes end in an answer, in waiting or in a closed connection', () => {
  const broker = new Broker()
  let id = 0
  fc.assert(
    fc.property(
      fc.constantFrom(...kinds),
      fc.uint8Array({ maxLength: 80 }),
      ({ key, version }, body) => {
        expect(send(broker, ++id, key, version, body).length).toBeLessThanOrEqual(1)
      },
    ),
    { numRuns: 2_000 },
  )
})

function bodyOf({ body }: { readonly body: readonly Uint8Array[] }): Buffer {
  return Buffer.concat(body)
}

const name = 'lines'
const samples = [
  {
    key: produce.key,
    version: 12,
    body: bodyOf(
      encodeRequest(produce, 12, {
        transactionalId: 'p',
        acks: -1,
        timeoutMs: 1_000,
        topicData: [{ name, partitionData: [{ index: 0, records: batchOf(['a=1', 'b=2']) }] }],
      }),
    ),
  },
  {
    key: fetch.key,
    version: 12,
    body: bodyOf(
      encodeRequest(fetch, 12, {
        maxWaitMs: 100,
        minBytes: 1,
        topics: [
          { topic: name, partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1_000 }] },
        ],
      }),
    ),
  },
  {
    key: createTopics.key,
    version: 7,
    body: bodyOf(
      encodeRequest(createTopics, 7, {
        topics: [{ name, numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }],
      }),
    ),
  },
  {
    key: joinGroup.key,
    version: 9,
    body: bodyOf(
      encodeRequest(joinGroup, 9, {
        groupId: 'g',
        sessionTimeoutMs: 10_000,
        rebalanceTimeoutMs: 10_000,
        memberId: '',
        protocolType: 'consumer',
        protocols: [{ name: 'range', metadata: Uint8Array.of(1, 2) }],
      }),
    ),
  },
]

test('requests with some bytes changed never break the broker, whatever they make of it', () => {
  const change = fc.tuple(fc.nat(), fc.nat({ max: 255 }))
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom(...samples), fc.array(change))), (requests) => {
      const broker = new Broker()
      let id = 0
      for (const sample of samples.slice(2)) {
        send(broker, ++id, sample.key, sample.version, sample.body)
      }
      for (const [{ key, version, body }, changes] of requests) {
        const bytes = Uint8Array.from(body)
        for (const [at, value] of changes) bytes[at % bytes.length] = value
        send(broker, ++id, key, version, bytes)
      }
      broker.tick(1_000_000_000)
      expect(broker.nextDeadline()).toBeGreaterThan(1_000)
    }),
    { numRuns: 200 },
  )
})
