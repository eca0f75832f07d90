import { listTransactions } from '../../protocol/messages/index.ts'
import { code } from '../codes.ts'
import { handler } from '../handler.ts'
import type { TransactionPhase } from '../transactions/transactional-id.ts'

const phases: readonly TransactionPhase[] = [
  'Empty',
  'Ongoing',
  'PrepareCommit',
  'PrepareAbort',
  'CompleteCommit',
  'CompleteAbort',
]

/** Each node lists what it coordinates. */
export const listTransactionsApi = handler(listTransactions, (cluster, message, request) => {
  const { stateFilters, producerIdFilters, durationFilter, transactionalIdPattern } = message
  const pattern = compile(transactionalIdPattern)
  if (pattern === undefined) {
    const errorCode = code.invalidRegularExpression
    return {
      answer: { throttleTimeMs: 0, errorCode, unknownStateFilters: [], transactionStates: [] },
    }
  }
  const wanted = cluster.transactions
    .all()
    .filter(({ id }) => cluster.coordinator('transaction', id) === request.node)
    .filter(({ phase }) => stateFilters.length === 0 || stateFilters.includes(phase))
    .filter((t) => producerIdFilters.length === 0 || producerIdFilters.includes(t.producerId))
    .filter((t) => durationFilter < 0 || cluster.nowMs - t.startMs > durationFilter)
    .filter(({ id }) => pattern.test(id))
  const known: readonly string[] = phases
  return {
    answer: {
      throttleTimeMs: 0,
      errorCode: 0,
      unknownStateFilters: stateFilters.filter((state) => !known.includes(state)),
      transactionStates: wanted.map(({ id, producerId, phase }) => ({
        transactionalId: id,
        producerId,
        transactionState: phase,
      })),
    },
  }
})

/** The whole id has to match. Undefined: not a regular expression. */
function compile(pattern: string | null): RegExp | undefined {
  if (pattern === null || pattern === '') return /^/
  try {
    return new RegExp(`^(?:${pattern})$`, 'u')
  } catch {
    return undefined
  }
}
