/** Other producers' transactions: who has one open, and ending it. */
import { initProducerId, listTransactions } from '../../protocol/messages/index.ts'
import { check } from '../failure.ts'
import type { ClientContext } from '../context.ts'
import { endHanging } from '../transactions/hanging.ts'
import type { Verdicts } from '../transactions/verdicts.ts'
import { speaks } from '../versions.ts'

const transactionTimeoutMs = 60_000
const openStates = ['Ongoing', 'PrepareCommit', 'PrepareAbort']

/**
 * InitProducerId by the same id bumps its epoch and aborts what it left open: 4 to 10 ms, where
 * waiting for the transaction's own time-out takes up to 20 s. The broker answers 51 until the
 * abort is written.
 */
export async function fence(
  context: ClientContext,
  transactionalIds: readonly string[],
  groupId: string,
  verdicts: Verdicts,
): Promise<void> {
  await Promise.all(transactionalIds.map((id) => fenceOne(context, id, groupId, verdicts)))
}

/**
 * Once fenced, an id is not fenced again for what has to be ended after it: it may be back.
 * @param verdicts Of earlier calls too: once fenced, the coordinator cannot tell any more.
 */
async function fenceOne(
  context: ClientContext,
  transactionalId: string,
  groupId: string,
  verdicts: Verdicts,
): Promise<void> {
  const { requests, coordinators, requestTimeoutMs: timeoutMs } = context
  const doing = `fencing the producer ${transactionalId}`
  const rules = {
    doing,
    timeoutMs,
    backoffMs: 2,
    backoffMaxMs: 50,
    refresh: () => coordinators.forget('transaction', transactionalId),
  }
  const { producerId, producerEpoch: beforeEpoch } = await requests.retrying(
    rules,
    async (remainingMs) => {
      check(await verdicts.ask(context, transactionalId, remainingMs), doing)
      const answer = await requests.send(initProducerId, {
        node: await coordinators.of('transaction', transactionalId, remainingMs),
        max: 5,
        message: { transactionalId, transactionTimeoutMs },
        timeoutMs: remainingMs,
      })
      check(answer.errorCode, doing)
      return answer
    },
  )
  await endHanging(context, { producerId, beforeEpoch, verdicts, groupId, timeoutMs })
}

/** Brokers before 3.0 cannot tell; there, transactions end by their time-out. */
export async function openTransactions(
  { requests, metadata, wire, requestTimeoutMs }: ClientContext,
  prefix: string,
): Promise<readonly string[]> {
  const doing = `listing transactions of ${prefix}`
  await metadata.refresh()
  const lists = await Promise.all(
    metadata.brokers.map(({ nodeId: node }) =>
      requests.retrying({ doing, timeoutMs: requestTimeoutMs }, async (timeoutMs) => {
        if (!speaks(listTransactions, await wire.apiVersions(node), 0)) return []
        const message = { stateFilters: openStates, producerIdFilters: [] }
        const answer = await requests.send(listTransactions, { node, message, timeoutMs })
        check(answer.errorCode, doing)
        return answer.transactionStates.map(({ transactionalId }) => transactionalId)
      }),
    ),
  )
  return lists.flat().filter((id) => id.startsWith(prefix))
}
