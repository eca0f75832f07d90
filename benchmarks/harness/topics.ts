/** What measurements ask of a cluster's topics beside the admin client. */
import { decodeResponse, encodeRequest } from '../../src/kafka/protocol/codec.ts'
import { metadata } from '../../src/kafka/protocol/messages/index.ts'
import { Reader } from '../../src/kafka/protocol/reader.ts'
import type { KafkaWire } from '../../src/kafka/wire.ts'
import { nodeId } from '../../src/model/ids.ts'

const metadataVersion = 9
const timeoutMs = 10_000

/** The node that leads each partition. */
export async function leadersOf(
  wire: KafkaWire,
  topic: string,
): Promise<ReadonlyMap<number, number>> {
  const answer = await ask(wire, [{ name: topic }])
  wire.learn(answer.brokers.map((broker) => ({ ...broker, nodeId: nodeId(broker.nodeId) })))
  const partitions = answer.topics[0]?.partitions ?? []
  return new Map(partitions.map((p) => [p.partitionIndex, p.leaderId]))
}

/** Names of all topics that begin like this. */
export async function topicsOf(wire: KafkaWire, prefix: string): Promise<readonly string[]> {
  const { topics } = await ask(wire, null)
  return topics.map((topic) => topic.name ?? '').filter((name) => name.startsWith(prefix))
}

async function ask(wire: KafkaWire, topics: readonly { readonly name: string }[] | null) {
  const lane = wire.lane('control')
  const request = encodeRequest(metadata, metadataVersion, { topics })
  const answer = await lane.send(wire.anyNode(), request, timeoutMs)
  await lane.close()
  return decodeResponse(metadata, metadataVersion, new Reader(answer))
}
