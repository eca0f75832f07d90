/** The step that writes input positions into the transaction, fenced by generation (KIP-447). */
import { assert } from '../../../model/errors.ts'
import { txnOffsetCommit } from '../../protocol/messages/index.ts'
import { byTopic } from '../admin/by-leader.ts'
import type { CommittedPosition, GroupIdentity } from '../port.ts'
import { decisiveCode } from './decision.ts'
import { lookBeforeWriting } from './new-connection.ts'
import { runStep, type StepResult, type StepRules } from './step.ts'
import type { Transport } from './transport.ts'

export function commitPositions(
  transport: Transport,
  positions: readonly CommittedPosition[],
  group: GroupIdentity,
  { deadlineMs, ended }: Pick<StepRules, 'deadlineMs'> & { readonly ended: { stopped: boolean } },
): Promise<StepResult<undefined>> {
  const { groupId, memberId, instanceId, generation } = group
  // Without a member the broker accepts positions from anyone, zombies included.
  assert(memberId !== '' && generation >= 0, 'positions are committed by a member of the group')
  const { coordinators } = transport.context
  const topics = byTopic(positions).map(({ name, partitions }) => ({
    name,
    partitions: partitions.map(({ partition, offset, leaderEpoch, metadata }) => ({
      partitionIndex: partition,
      committedOffset: offset,
      committedLeaderEpoch: leaderEpoch,
      committedMetadata: metadata,
    })),
  }))
  const rules: StepRules = {
    step: 'offsets',
    doing: `committing positions of group ${groupId}`,
    deadlineMs,
    refresh: () => coordinators.forget('group', groupId),
    ended,
  }
  return runStep(transport.pacing, rules, async (timeoutMs) => {
    const node = await coordinators.of('group', groupId, timeoutMs)
    await lookBeforeWriting(transport, node, deadlineMs)
    const answer = await transport.send(txnOffsetCommit, {
      node,
      timeoutMs,
      ...transport.limits.offsets,
      message: {
        transactionalId: transport.options.transactionalId,
        groupId,
        ...transport.session.identity,
        generationId: generation,
        memberId,
        groupInstanceId: instanceId,
        topics,
      },
    })
    const codes = answer.topics.flatMap(({ partitions }) => partitions.map((p) => p.errorCode))
    return { code: decisiveCode('offsets', codes), value: undefined }
  })
}
