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

export class Verdicts {
  readonly #committed = new Map<string, boolean>()

  /** @param after The producer's identity once the transaction had ended. */
  note({ producerId, producerEpoch }: ProducerIdentity, committed: boolean): void {
    this.#committed.set(`${producerId}:${producerEpoch}`, committed)
    if (this.#committed.size <= remembered) return
    const [oldest] = this.#committed.keys()
    if (oldest !== undefined) this.#committed.delete(oldest)
  }

  /**
   * Whether the transaction was committed whose records carry this identity; undefined: not known.
   * Its end is one epoch later: protocol 2 bumps the epoch at each end, and protocol 1 when a
   * producer is fenced or its transaction times out. Where nothing is bumped, one epoch has many
   * transactions, and nothing can be told of any of them.
   */
  of({ producerId, producerEpoch }: ProducerIdentity): boolean | undefined {
    return this.#committed.get(`${producerId}:${producerEpoch + 1}`)
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
    if (committed !== undefined) this.note(told, committed)
    return underWay.has(told.transactionState) ? concurrent : 0
  }
}
