/**
 * Whether an EndTxn is valid, in each phase, by both protocols. Protocol 1: the epoch stays over
 * the end, and asking again is answered by the phase alone. Protocol 2 (KIP-890): each end bumps
 * the epoch, so the epoch tells a repeated request from the next one. As Apache Kafka's
 * TransactionCoordinator.
 */
import { assertNever } from '../../../model/errors.ts'
import { code } from '../codes.ts'
import { isExhausted, type ProducerIdentity, type TransactionalId } from './transactional-id.ts'

export interface EndRequest extends ProducerIdentity {
  readonly committed: boolean
  /** Whether the request came by protocol 2. */
  readonly bumps: boolean
}

export type EndVerdict =
  /** `settled`: it has happened already, answer so. */
  { readonly kind: 'end' | 'settled' } | { readonly kind: 'refused'; readonly code: number }

const refused = (code: number): EndVerdict => ({ kind: 'refused', code })
const end: EndVerdict = { kind: 'end' }
const settled: EndVerdict = { kind: 'settled' }

export function judgeEnd(transaction: TransactionalId, request: EndRequest): EndVerdict {
  const overflowed = isRetryAfterOverflow(transaction, request)
  if (transaction.producerId !== request.producerId && !overflowed) {
    return refused(code.invalidProducerIdMapping)
  }
  const repeated =
    overflowed ||
    (transaction.bumpedAtEnd &&
      request.bumps &&
      transaction.producerEpoch === request.producerEpoch + 1)
  if (!epochFits(transaction, request, repeated)) return refused(code.producerFenced)
  const { committed, bumps } = request
  switch (transaction.phase) {
    case 'Ongoing':
      return end
    case 'PrepareCommit':
      return refused(committed ? code.concurrentTransactions : code.invalidTxnState)
    case 'PrepareAbort':
      return refused(committed ? code.invalidTxnState : code.concurrentTransactions)
    case 'Empty':
      // Protocol 2 has no way to know that nothing was added, so an abort of nothing is fine.
      return !committed && bumps ? end : refused(code.invalidTxnState)
    case 'CompleteCommit':
      if (committed) return repeated || !bumps ? settled : refused(code.invalidTxnState)
      return bumps && !repeated ? end : refused(code.invalidTxnState)
    case 'CompleteAbort':
      if (committed) return refused(code.invalidTxnState)
      return bumps && !repeated ? end : settled
    default:
      return assertNever(transaction.phase)
  }
}

function isRetryAfterOverflow(transaction: TransactionalId, request: EndRequest): boolean {
  return (
    transaction.bumpedAtEnd &&
    transaction.previousProducerId === request.producerId &&
    isExhausted(request.producerEpoch) &&
    transaction.producerEpoch === 0
  )
}

function epochFits(
  { phase, producerEpoch, bumpedAtEnd, prepared }: TransactionalId,
  request: EndRequest,
  repeated: boolean,
): boolean {
  const same = producerEpoch === request.producerEpoch
  if (!bumpedAtEnd) return same
  if (prepared) return repeated
  return same || (repeated && (phase === 'CompleteCommit' || phase === 'CompleteAbort'))
}
