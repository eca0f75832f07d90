/**
 * What a producer is to the cluster: its id, its epoch, and the sequence number of each partition.
 */
import { assert } from '../../../model/errors.ts'

const sequenceSpan = 2 ** 31

export interface ProducerIdentity {
  readonly producerId: number
  readonly producerEpoch: number
}

export class Session {
  readonly #sequences = new Map<string, number>()
  #identity: ProducerIdentity | undefined

  /** Whether transactions may be written: after InitProducerId, until something is in doubt. */
  get usable(): boolean {
    return this.#identity !== undefined
  }

  /** A batch without a producer id would be visible at once, transaction or not. */
  get identity(): ProducerIdentity {
    const identity = this.#identity
    assert(identity !== undefined && identity.producerId >= 0, 'the producer is initialised')
    return identity
  }

  /** A new id or epoch starts all sequences at 0. */
  renew(identity: ProducerIdentity): void {
    this.#identity = identity
    this.#sequences.clear()
  }

  /** The sequence numbers may not be used again until the producer is initialised. */
  distrust(): void {
    this.#identity = undefined
  }

  /** The sequence number of the next `records` records of a partition, which are taken. */
  take(partition: string, records: number): number {
    const first = this.#sequences.get(partition) ?? 0
    this.#sequences.set(partition, (first + records) % sequenceSpan)
    return first
  }
}
