/**
 * The steps that ask the transaction coordinator: InitProducerId, both Adds of protocol 1, EndTxn.
 */
import type { TopicPartition } from '../../../model/ids.ts'
import {
  addOffsetsToTxn,
  addPartitionsToTxn,
  endTxn,
  initProducerId,
} from '../../protocol/messages/index.ts'
import { byTopic } from '../admin/by-leader.ts'
import { decisiveCode } from './decision.ts'
import type { ProducerIdentity } from './session.ts'
import { runStep, type StepResult } from './step.ts'
import type { Transport } from './transport.ts'

/** The newest version without two-phase commit. */
const initialiseVersionMax = 5

/** A new epoch; what a predecessor with this id left open is aborted first (51 until it is). */
export function initialise(
  transport: Transport,
  deadlineMs: number,
): Promise<StepResult<ProducerIdentity>> {
  const { transactionalId, transactionTimeoutMs } = transport.options
  const rules = transport.rules('initialise', 'initialising the producer', deadlineMs)
  return runStep(transport.pacing, rules, async (timeoutMs) => {
    const { errorCode, producerId, producerEpoch } = await transport.send(initProducerId, {
      node: await transport.coordinator(timeoutMs),
      message: { transactionalId, transactionTimeoutMs },
      max: initialiseVersionMax,
      timeoutMs,
    })
    return { code: errorCode, value: { producerId, producerEpoch } }
  })
}

export function addPartitions(
  transport: Transport,
  partitions: readonly TopicPartition[],
  deadlineMs: number,
): Promise<StepResult<undefined>> {
  const { producerId, producerEpoch } = transport.session.identity
  const rules = transport.rules('add', 'adding partitions to the transaction', deadlineMs)
  return runStep(transport.pacing, rules, async (timeoutMs) => {
    const answer = await transport.send(addPartitionsToTxn, {
      node: await transport.coordinator(timeoutMs),
      ...transport.limits.add,
      timeoutMs,
      message: {
        transactions: [],
        v3AndBelowTransactionalId: transport.options.transactionalId,
        v3AndBelowProducerId: producerId,
        v3AndBelowProducerEpoch: producerEpoch,
        v3AndBelowTopics: byTopic(partitions).map(({ name, partitions: list }) => ({
          name,
          partitions: list.map(({ partition }) => partition),
        })),
      },
    })
    const codes = answer.resultsByTopicV3AndBelow.flatMap(({ resultsByPartition }) =>
      resultsByPartition.map(({ partitionErrorCode }) => partitionErrorCode),
    )
    return { code: decisiveCode('add', codes), value: undefined }
  })
}

export function addGroup(
  transport: Transport,
  groupId: string,
  deadlineMs: number,
): Promise<StepResult<undefined>> {
  const { transactionalId } = transport.options
  const rules = transport.rules('add', `adding group ${groupId} to the transaction`, deadlineMs)
  return runStep(transport.pacing, rules, async (timeoutMs) => {
    const { errorCode } = await transport.send(addOffsetsToTxn, {
      node: await transport.coordinator(timeoutMs),
      message: { transactionalId, ...transport.session.identity, groupId },
      timeoutMs,
    })
    return { code: errorCode, value: undefined }
  })
}

/**
 * Asked until it is answered: EndTxn is idempotent, and the same question again settles what a lost
 * reply left open. Under protocol 2 the answer carries the next epoch.
 */
export function end(
  transport: Transport,
  step: 'commit' | 'abort',
  deadlineMs: number,
): Promise<StepResult<ProducerIdentity | undefined>> {
  const { transactionalId } = transport.options
  const identity = transport.session.identity
  const doing = step === 'commit' ? 'committing the transaction' : 'aborting the transaction'
  return runStep(transport.pacing, transport.rules(step, doing, deadlineMs), async (timeoutMs) => {
    const answer = await transport.send(endTxn, {
      node: await transport.coordinator(timeoutMs),
      ...transport.limits.end,
      message: { transactionalId, ...identity, committed: step === 'commit' },
      timeoutMs,
    })
    const { errorCode, producerId, producerEpoch } = answer
    const bumped = producerId >= 0 ? { producerId, producerEpoch } : undefined
    return { code: errorCode, value: bumped }
  })
}
