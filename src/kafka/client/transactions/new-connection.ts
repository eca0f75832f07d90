/**
 * A broker that is reached over a new connection may have started again since the last transaction,
 * and that without the markers of it (see `hanging.ts`). What is written there now would share the
 * fate of what was left open: an abort would undo a commit. So it is looked for and ended first.
 */
import type { NodeId, TopicPartition } from '../../../model/ids.ts'
import { toStreamError } from '../failure.ts'
import { checkLeftovers } from './coordinator-steps.ts'
import type { Stopped } from './step.ts'
import type { Transport } from './transport.ts'

/**
 * To be awaited before something of a transaction goes to a broker, under protocol 2.
 * @throws StreamError
 */
export async function lookBeforeWriting(
  transport: Transport,
  node: NodeId,
  deadlineMs: number,
): Promise<void> {
  if (transport.context.capabilities.transactionProtocol === 1) return
  if (transport.hasLooked || transport.lane.isOpen(node)) return
  transport.looking ??= checkLeftovers(transport, deadlineMs).finally(() => {
    transport.looking = undefined
  })
  await transport.looking
}

/**
 * The same for protocol 1, before a transaction begins: all of an id's transactions carry one
 * epoch, so what was left open cannot be told from what has just been written.
 */
export async function lookBeforeAdding(
  transport: Transport,
  partitions: readonly TopicPartition[],
  groupId: string,
  deadlineMs: number,
): Promise<Stopped | undefined> {
  const { context, lane } = transport
  if (transport.hasLooked) return undefined
  try {
    const nodes = partitions.map((partition) => context.metadata.leader(partition)?.node)
    nodes.push(await context.coordinators.of('group', groupId))
    if (nodes.some((node) => node === undefined || !lane.isOpen(node))) {
      await checkLeftovers(transport, deadlineMs)
    }
    return undefined
  } catch (thrown) {
    return { kind: 'stop', outcome: 'abort', error: toStreamError(thrown, 'adding partitions') }
  }
}
