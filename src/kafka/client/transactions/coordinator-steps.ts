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
import { check, toStreamError } from '../failure.ts'
import { decisiveCode } from './decision.ts'
import { endHanging } from './hanging.ts'
import type { ProducerIdentity } from './session.ts'
import { runStep, type StepResult } from './step.ts'
import type { Transport } from './transport.ts'

const nobody: ProducerIdentity = { producerId: -1, producerEpoch: -1 }

/** The newest version without two-phase commit. */
const initialiseVersionMax = 5

/**
 * A new epoch; what a predecessor with this id left open is aborted first (51 until it is), and
 * what the cluster left hanging is ended.
 */
export async function initialise(
  transport: Transport,
  deadlineMs: number,
): Promise<StepResult<ProducerIdentity>> {
  const initialised = await newEpoch(transport, deadlineMs)
  if (initialised.kind === 'stop') return initialised
  try {
    const { producerId, producerEpoch } = initialised.value
    await endLeftovers(transport, producerId, producerEpoch, deadlineMs)
  } catch (thrown) {
    return { kind: 'stop', outcome: 'abort', error: toStreamError(thrown, 'initialising') }
  }
  return initialised
}

/**
 * After a commit: what the coordinator has left out of it, or of those before it.
 * @throws StreamError
 */
export async function checkLeftovers(transport: Transport, deadlineMs: number): Promise<void> {
  const { context, verdicts, options, session } = transport
  const { transactionalId } = options
  const doing = `completing the transaction of ${transactionalId}`
  const timeoutMs = Math.max(1, deadlineMs - transport.nowMs())
  const refresh = () => context.coordinators.forget('transaction', transactionalId)
  await context.requests.retrying({ doing, timeoutMs, refresh }, async (remainingMs) => {
    check(await verdicts.ask(context, transactionalId, remainingMs), doing)
  })
  const { producerId, producerEpoch } = session.identity
  // Protocol 1 goes on in the epoch of the transaction.
  const bumped = context.capabilities.transactionProtocol === 2
  await endLeftovers(transport, producerId, bumped ? producerEpoch : producerEpoch + 1, deadlineMs)
}

function endLeftovers(
  transport: Transport,
  producerId: number,
  beforeEpoch: number,
  deadlineMs: number,
): Promise<void> {
  const { context, verdicts, options } = transport
  const { groupId } = options
  const timeoutMs = Math.max(1, deadlineMs - transport.nowMs())
  return endHanging(context, { producerId, beforeEpoch, verdicts, groupId, timeoutMs })
}

function newEpoch(transport: Transport, deadlineMs: number): Promise<StepResult<ProducerIdentity>> {
  const { transactionalId, transactionTimeoutMs } = transport.options
  const rules = transport.rules('initialise', 'initialising the producer', deadlineMs)
  return runStep(transport.pacing, rules, async (timeoutMs) => {
    const asked = await transport.verdicts.ask(transport.context, transactionalId, timeoutMs)
    if (asked !== 0) return { code: asked, value: nobody }
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
  const committed = step === 'commit'
  const doing = committed ? 'committing the transaction' : 'aborting the transaction'
  return runStep(transport.pacing, transport.rules(step, doing, deadlineMs), async (timeoutMs) => {
    const answer = await transport.send(endTxn, {
      node: await transport.coordinator(timeoutMs),
      ...transport.limits.end,
      message: { transactionalId, ...identity, committed },
      timeoutMs,
    })
    const { errorCode, producerId, producerEpoch } = answer
    const bumped = producerId >= 0 ? { producerId, producerEpoch } : undefined
    if (errorCode === 0) transport.verdicts.note(bumped ?? identity, committed)
    return { code: errorCode, value: bumped }
  })
}
