/**
 * Ends transactions that a cluster has left hanging.
 *
 * @remarks A coordinator that cannot find the leader of a partition takes the topic for deleted,
 * leaves the marker out and calls the transaction complete (Apache Kafka 4.3,
 * `TransactionMarkerChannelManager`). A partition is without a leader for a moment whenever its
 * last replica starts again, so a broker that is killed at a bad moment leaves transactions which
 * nobody will end: readers stop before them, positions stay unstable. Worse, the next marker of the
 * same producer decides them too, whatever they were meant to be. So before a producer writes with
 * a new epoch, what its id left behind is looked for and ended as the coordinator had decided.
 */
import { StreamError } from '../../../model/errors.ts'
import { type NodeId, nodeId, partitionName, type TopicPartition } from '../../../model/ids.ts'
import { errorCode, kafkaError } from '../../protocol/error-codes.ts'
import { offsetsPartition, offsetsTopic } from '../../protocol/offsets-topic.ts'
import { describeProducers, metadata, writeTxnMarkers } from '../../protocol/messages/index.ts'
import type { ClientContext } from '../context.ts'
import { askLeaders, byTopic, type PartitionAnswer, type TopicGroup } from '../admin/by-leader.ts'
import { speaks } from '../versions.ts'
import type { ProducerIdentity } from './session.ts'
import type { Verdict, Verdicts } from './verdicts.ts'

export interface Leftovers {
  readonly producerId: number
  /**
   * Transactions with an earlier epoch are over for the coordinator. While it writes markers
   * itself, ours would make it give up.
   */
  readonly beforeEpoch: number
  readonly verdicts: Verdicts
  /** Whose positions the transactions carry; null: none. */
  readonly groupId: string | null
  readonly timeoutMs: number
}

interface OpenTransaction extends TopicPartition, ProducerIdentity {
  /** Leads the partition. */
  readonly node: NodeId
  readonly coordinatorEpoch: number
  readonly startOffset: number
}

const doing = 'looking for transactions left hanging'
const noLeader = errorCode('LEADER_NOT_AVAILABLE')
const notAllowed = new Set([
  errorCode('TOPIC_AUTHORIZATION_FAILED'),
  errorCode('CLUSTER_AUTHORIZATION_FAILED'),
])
/** Another epoch has written to the partition: that producer's own affair. */
const overtaken = errorCode('INVALID_PRODUCER_EPOCH')

/**
 * Looks at the partitions of all topics that the client knows, and at the group's positions. Asks
 * again for as long as a verdict is missing: somebody else who fenced the same id may have it.
 * @throws StreamError `TRANSACTION_HANGING` when nobody ended it within the time.
 */
export async function endHanging(context: ClientContext, about: Leftovers): Promise<void> {
  const { timeoutMs } = about
  // Before 3.0 nobody can tell.
  if (!(await canDescribe(context, context.wire.anyNode()))) return
  await context.requests.retrying({ doing, timeoutMs }, async (remainingMs) => {
    const open = await leftOpen(context, about, remainingMs)
    if (open.length === 0) return
    const ends = open.map((one) => {
      const verdict = about.verdicts.of(one)
      if (verdict === undefined) throw hanging(one, endByHand(one))
      return { one, verdict }
    })
    await Promise.all(ends.map((end) => writeMarker(context, end.one, end.verdict, remainingMs)))
    const ended = ends.map(({ one, verdict }) => {
      return `${partitionName(one)} ${verdict.committed ? 'committed' : 'aborted'}`
    })
    const fields = { producerId: about.producerId, ended }
    context.env.logger.warn(fields, 'ended a transaction that the cluster had left hanging')
  })
}

async function leftOpen(
  context: ClientContext,
  about: Leftovers,
  timeoutMs: number,
): Promise<readonly OpenTransaction[]> {
  const [outputs, positions] = await Promise.all([
    askLeaders(context, 'describing producers', context.metadata.partitions(), (node, topics) =>
      describe(context, node, topics, timeoutMs),
    ),
    openPositions(context, about.groupId, timeoutMs),
  ])
  return [...outputs.values(), positions].flat().filter((one) => isLeftover(one, about))
}

/** A newer epoch is another producer's by now, with a transaction that is going on. */
function isLeftover(open: OpenTransaction, { producerId, beforeEpoch }: Leftovers): boolean {
  return open.producerId === producerId && open.producerEpoch < beforeEpoch
}

async function canDescribe({ wire }: ClientContext, node: NodeId): Promise<boolean> {
  return speaks(describeProducers, await wire.apiVersions(node), 0)
}

async function describe(
  context: ClientContext,
  node: NodeId,
  topics: readonly TopicGroup<TopicPartition>[],
  timeoutMs: number,
): Promise<readonly PartitionAnswer<readonly OpenTransaction[]>[]> {
  if (!(await canDescribe(context, node))) {
    const asked = topics.flatMap(({ partitions }) => partitions)
    return asked.map(({ topic, partition }) => ({ topic, partition, errorCode: 0, result: [] }))
  }
  const answer = await context.requests.send(describeProducers, {
    node,
    message: {
      topics: topics.map(({ name, partitions }) => ({
        name,
        partitionIndexes: partitions.map(({ partition }) => partition),
      })),
    },
    timeoutMs,
  })
  return answer.topics.flatMap(({ name: topic, partitions }) =>
    partitions.map(({ partitionIndex: partition, errorCode: code, activeProducers }) => ({
      topic,
      partition,
      // Who may not look goes on without: everything worked so before.
      errorCode: notAllowed.has(code) ? 0 : code,
      result: activeProducers
        .filter(({ currentTxnStartOffset }) => currentTxnStartOffset >= 0)
        .map((producer) => {
          const { producerId, producerEpoch, coordinatorEpoch } = producer
          const startOffset = producer.currentTxnStartOffset
          const who = { producerId, producerEpoch, coordinatorEpoch, startOffset }
          return { node, topic, partition, ...who }
        }),
    })),
  )
}

/** The group's partition of the topic that keeps positions: not a topic for the cache. */
async function openPositions(
  context: ClientContext,
  groupId: string | null,
  timeoutMs: number,
): Promise<readonly OpenTransaction[]> {
  if (groupId === null) return []
  const at = await positionsPartition(context, groupId, timeoutMs)
  if (at === undefined) return []
  const [told] = await describe(context, at.node, byTopic([at]), timeoutMs)
  if (told === undefined || told.errorCode === 0) return told?.result ?? []
  throw kafkaError(told.errorCode, { doing: `describing producers of ${partitionName(at)}` })
}

async function positionsPartition(
  { requests, wire }: ClientContext,
  groupId: string,
  timeoutMs: number,
): Promise<(TopicPartition & { readonly node: NodeId }) | undefined> {
  const { topics } = await requests.send(metadata, {
    node: wire.anyNode(),
    min: 1,
    message: {
      topics: [{ name: offsetsTopic, topicId: '0'.repeat(32) }],
      allowAutoTopicCreation: false,
    },
    timeoutMs,
  })
  const count = topics[0]?.partitions.length ?? 0
  if (count === 0) return undefined
  const at = { topic: offsetsTopic, partition: offsetsPartition(groupId, count) }
  const leader = topics[0]?.partitions.find((one) => one.partitionIndex === at.partition)?.leaderId
  if (leader === undefined || leader < 0) throw kafkaError(noLeader, { doing, where: at })
  return { ...at, node: nodeId(leader) }
}

async function writeMarker(
  { requests, capabilities }: ClientContext,
  open: OpenTransaction,
  { committed, markerEpoch }: Verdict,
  timeoutMs: number,
): Promise<void> {
  const { node, topic, partition, producerId, coordinatorEpoch } = open
  const answer = await requests.send(writeTxnMarkers, {
    node,
    message: {
      markers: [
        {
          producerId,
          producerEpoch: markerEpoch,
          transactionResult: committed,
          topics: [{ name: topic, partitionIndexes: [partition] }],
          coordinatorEpoch: Math.max(0, coordinatorEpoch),
          transactionVersion: capabilities.transactionProtocol,
        },
      ],
    },
    timeoutMs,
  })
  const code = answer.markers[0]?.topics[0]?.partitions[0]?.errorCode ?? -1
  if (notAllowed.has(code)) throw hanging(open, needsRight)
  if (code !== 0 && code !== overtaken) {
    throw kafkaError(code, { doing: 'ending a hanging transaction', where: { topic, partition } })
  }
}

const needsRight =
  'this client may not end it: give its principal the right to ALTER the cluster for one start'

/** Without a verdict an abort is a person's decision. */
function endByHand({ topic, partition, startOffset }: OpenTransaction): string {
  return (
    'how it was to end is not known. If its epoch may be lost: kafka-transactions.sh ' +
    `--bootstrap-server … abort --topic ${topic} --partition ${partition} ` +
    `--start-offset ${startOffset}`
  )
}

function hanging(open: OpenTransaction, advice: string): StreamError {
  const { topic, partition, startOffset: offset, producerId } = open
  return new StreamError(
    'TRANSACTION_HANGING',
    `the cluster never ended the transaction of producer ${producerId} that begins at offset ` +
      `${offset} of ${topic}-${partition}, and readers wait before it; ${advice}`,
    { domain: 'external', recovery: 'retry', where: { topic, partition, offset } },
  )
}
