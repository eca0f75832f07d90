/** What the coordinator knows of one transactional id. */
export type TransactionPhase =
  | 'Empty'
  | 'Ongoing'
  | 'PrepareCommit'
  | 'PrepareAbort'
  | 'CompleteCommit'
  | 'CompleteAbort'

export interface TransactionPartition {
  readonly topic: string
  readonly partition: number
}

export interface ProducerIdentity {
  readonly producerId: number
  readonly producerEpoch: number
}

/** Epochs are 16 bits; the last one is kept for fencing. */
const epochExhausted = 0x7fff - 1

export class TransactionalId {
  readonly id: string
  phase: TransactionPhase = 'Empty'
  producerId: number
  producerEpoch = -1
  /** Epoch before the last bump, while its owner may ask again; −1: nobody may. */
  lastProducerEpoch = -1
  previousProducerId = -1
  /** Takes over when the markers are written, because the present one's epochs are used up. */
  nextProducerId = -1
  timeoutMs: number
  startMs = -1
  /** Whether the last end came by protocol 2 (KIP-890), which bumps the epoch. */
  bumpedAtEnd = false
  /** When the markers are written, while prepared. */
  markersAtMs = Number.POSITIVE_INFINITY
  readonly #partitions = new Map<string, TransactionPartition>()
  readonly #groups = new Set<string>()

  constructor(id: string, producerId: number, timeoutMs: number) {
    this.id = id
    this.producerId = producerId
    this.timeoutMs = timeoutMs
  }

  get exhausted(): boolean {
    return isExhausted(this.producerEpoch)
  }

  get prepared(): boolean {
    return this.phase === 'PrepareCommit' || this.phase === 'PrepareAbort'
  }

  get partitions(): readonly TransactionPartition[] {
    return [...this.#partitions.values()]
  }

  get groups(): readonly string[] {
    return [...this.#groups]
  }

  has({ topic, partition }: TransactionPartition): boolean {
    return this.#partitions.has(`${topic}/${partition}`)
  }

  hasGroup(group: string): boolean {
    return this.#groups.has(group)
  }

  add(partition: TransactionPartition): void {
    this.#partitions.set(`${partition.topic}/${partition.partition}`, partition)
  }

  addGroup(group: string): void {
    this.#groups.add(group)
  }

  begin(nowMs: number): void {
    if (this.phase === 'Ongoing') return
    this.phase = 'Ongoing'
    this.startMs = nowMs
  }

  /** When the coordinator aborts it of its own accord. */
  get deadlineMs(): number {
    return this.phase === 'Ongoing' ? this.startMs + this.timeoutMs : Number.POSITIVE_INFINITY
  }

  /** Takes one out, undefined where none is left. */
  takePartition(): TransactionPartition | undefined {
    for (const [name, partition] of this.#partitions) {
      this.#partitions.delete(name)
      return partition
    }
    return undefined
  }

  forgetGroups(): void {
    this.#groups.clear()
  }

  forgetParts(): void {
    this.#partitions.clear()
    this.#groups.clear()
  }
}

/** Whether a producer id has no further epoch, so that another id has to follow. */
export function isExhausted(epoch: number): boolean {
  return epoch >= epochExhausted
}
