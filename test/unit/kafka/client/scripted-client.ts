import { Coordinators } from '../../../../src/kafka/client/coordinators.ts'
import { Metadata } from '../../../../src/kafka/client/metadata.ts'
import { Requests } from '../../../../src/kafka/client/request.ts'
import { metadata as metadataApi } from '../../../../src/kafka/protocol/messages/index.ts'
import { quietEnv } from '../../../quiet-env.ts'
import { ScriptedWire } from './scripted-wire.ts'

export interface TopicScript {
  /** Leader of each partition; −1: none. */
  leaders: readonly number[]
  errorCode?: number
}

/** The shared parts of a client over a scripted wire with three brokers; topics may be changed. */
export function scriptedClient(topics: Record<string, TopicScript> = {}, timeoutMs = 1_000) {
  const wire = new ScriptedWire()
  wire.on(metadataApi, ({ topics: asked }) => ({
    clusterId: 'mill',
    brokers: [1, 2, 3].map((nodeId) => ({ nodeId, host: `broker-${nodeId}`, port: 9092 })),
    topics: (asked ?? []).map(({ name }) => describe(name ?? '', topics[name ?? ''])),
  }))
  const requests = new Requests(wire, quietEnv)
  const metadata = new Metadata(wire, requests, quietEnv, timeoutMs)
  const coordinators = new Coordinators(wire, requests, metadata, timeoutMs)
  return { wire, requests, metadata, coordinators, topics }
}

function describe(name: string, script: TopicScript | undefined) {
  const leaders = script?.leaders ?? []
  return {
    name,
    topicId: name === '' ? '0'.repeat(32) : Buffer.from(name).toString('hex').padEnd(32, '0'),
    errorCode: script === undefined ? 3 : (script.errorCode ?? 0),
    partitions: leaders.map((leaderId, partitionIndex) => ({
      errorCode: leaderId < 0 ? 5 : 0,
      partitionIndex,
      leaderId,
      leaderEpoch: 4,
      replicaNodes: [1, 2, 3],
      isrNodes: [1, 2, 3],
    })),
  }
}
