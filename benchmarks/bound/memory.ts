/**
 * One piece of memory that the loop reads into and writes from, so that a record is moved by
 * `copyWithin` and found by a number: received answers and outgoing batches are regions of it.
 */
const mebibyte = 2 ** 20

/** Fetch answers that may be held at a time: one is processed, others are on their way. */
const answerRegions = 3
const answerBytes = 6 * mebibyte
/** Words are read at any byte of an answer, its last one included. */
const slackBytes = 64
/** A broker takes batches of a little over a million bytes (`message.max.bytes`). */
export const batchBytes = 1_000_000
const batchRegions = 72

export class Memory {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly view: DataView<ArrayBuffer>
  readonly #answers: number[] = []
  readonly #batches: number[] = []

  constructor() {
    const answerStride = answerBytes + slackBytes
    const memory = new ArrayBuffer(answerRegions * answerStride + batchRegions * batchBytes)
    this.bytes = new Uint8Array(memory)
    this.view = new DataView(memory)
    for (let i = 0; i < answerRegions; i++) this.#answers.push(i * answerStride)
    for (let i = 0; i < batchRegions; i++) {
      this.#batches.push(answerRegions * answerStride + i * batchBytes)
    }
  }

  /** Outgoing batches that still have room in the memory. */
  get batchesFree(): number {
    return this.#batches.length
  }

  /** Where an answer of this size goes, undefined while all regions are taken. */
  takeAnswer(): number | undefined {
    return this.#answers.pop()
  }

  giveAnswer(start: number): void {
    this.#answers.push(start)
  }

  /** @throws Error when everything waits for the broker: the loop looks at `batchesFree` first. */
  takeBatch(): number {
    const start = this.#batches.pop()
    if (start === undefined) throw new Error('no memory left for outgoing batches')
    return start
  }

  giveBatch(start: number): void {
    this.#batches.push(start)
  }
}

/** What one fetch may ask for, so that an answer with its headers fits a region. */
export const fetchBytesMax = 4 * mebibyte
export const fetchPartitionBytesMax = mebibyte
export const answerBytesMax = answerBytes
