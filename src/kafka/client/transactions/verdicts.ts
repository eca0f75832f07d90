/**
 * How transactions of a producer ended, as far as that is known: from the coordinator's own
 * picture of the transactional id, and from the answers to EndTxn.
 */
import { errorCode } from '../../protocol/error-codes.ts'
import { describeTransactions } from '../../protocol/messages/index.ts'
import type { ClientContext } from '../context.ts'
import { speaks } from '../versions.ts'
import type { ProducerIdentity } from './session.ts'

const committedStates: ReadonlyMap<string, boolean> = new Map([
  ['PrepareCommit', true],
  ['CompleteCommit', true],
  ['PrepareAbort', false],
  ['CompleteAbort', false],
])
/** Its markers are on their way: nobody else may write them. */
const underWay = new Set(['PrepareCommit', 'PrepareAbort'])
const concurrent = errorCode('CONCURRENT_TRANSACTIONS')
const unknownId = errorCode('TRANSACTIONAL_ID_NOT_FOUND')
/** Who needs a verdict needs that of a late transaction. */
const remembered = 100

/** How a transaction ended, and the epoch that its markers carry. */
export interface Verdict {
  readonly committed: boolean
  readonly markerEpoch: number
}

export class Verdicts {
  readonly #protocol: 1 | 2
  /** By the identity that the transaction's records carry. */
  readonly #byRecords = new Map<string, Verdict>()

  constructor(protocol: 1 | 2) {
    this.#protocol = protocol
  }

  /**
   * @param after The producer's identity once the transaction had ended: one epoch later under
   * protocol 2, so that an epoch is one transaction. Under protocol 1 an epoch has many, and its
   * verdict is the latest one's; what ended before that without its markers was noticed then.
   */
  note(after: ProducerIdentity, committed: boolean): void {
    const { producerId, producerEpoch: markerEpoch } = after
    const producerEpoch = this.#protocol === 2 ? markerEpoch - 1 : markerEpoch
    this.#set({ producerId, producerEpoch }, { committed, markerEpoch })
  }

  /** How the transaction of records with this identity ended; undefined: not known. */
  of(records: ProducerIdentity): Verdict | undefined {
    return this.#byRecords.get(nameOf(records))
  }

  /**
   * Notes what the coordinator says of the id's last transaction. To be asked before
   * InitProducerId, after which the coordinator has forgotten it. Brokers before 3.0 cannot tell.
   * @returns Zero, or the code to ask again for: also while the transaction is being completed.
   */
  async ask(
    { requests, coordinators, wire }: ClientContext,
    transactionalId: string,
    timeoutMs: number,
  ): Promise<number> {
    const node = await coordinators.of('transaction', transactionalId, timeoutMs)
    if (!speaks(describeTransactions, await wire.apiVersions(node), 0)) return 0
    const message = { transactionalIds: [transactionalId] }
    const answer = await requests.send(describeTransactions, { node, message, timeoutMs })
    const [told] = answer.transactionStates
    if (told === undefined || told.errorCode === unknownId) return 0
    if (told.errorCode !== 0) return told.errorCode
    const committed = committedStates.get(told.transactionState)
    if (committed !== undefined) this.#told(told, committed)
    return underWay.has(told.transactionState) ? concurrent : 0
  }

  #told(after: ProducerIdentity, committed: boolean): void {
    this.note(after, committed)
    // Protocol 1 bumps the epoch too where a producer is fenced or its transaction times out.
    const { producerId, producerEpoch: markerEpoch } = after
    const before = { producerId, producerEpoch: markerEpoch - 1 }
    if (!committed && this.of(before) === undefined) this.#set(before, { committed, markerEpoch })
  }

  #set(records: ProducerIdentity, verdict: Verdict): void {
    this.#byRecords.set(nameOf(records), verdict)
    if (this.#byRecords.size <= remembered) return
    const [oldest] = this.#byRecords.keys()
    if (oldest !== undefined) this.#byRecords.delete(oldest)
  }
}

function nameOf({ producerId, producerEpoch }: ProducerIdentity): string {
  return `${producerId}:${producerEpoch}`
}
