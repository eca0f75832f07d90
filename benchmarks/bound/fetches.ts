/**
 * Fetches one answer after the other into the loop's memory: the next is asked for as soon as one
 * is here, so that the broker works while the loop does.
 */
import { decodeResponse, encodeRequest } from '../../src/kafka/protocol/codec.ts'
import { fetch } from '../../src/kafka/protocol/messages/index.ts'
import { Reader } from '../../src/kafka/protocol/reader.ts'
import { position } from '../../src/kafka/protocol/record-batch/layout.ts'
import type { BrokerSocket } from './broker-socket.ts'
import { answerBytesMax, fetchBytesMax, fetchPartitionBytesMax, type Memory } from './memory.ts'
import { accept } from './transaction.ts'

/** Record bytes of one partition, as places in the loop's memory. */
export interface Part {
  readonly partition: number
  readonly start: number
  readonly end: number
}

export interface Answer {
  readonly region: number
  readonly parts: readonly Part[]
}

const version = 12
const readCommitted = 1
const waitMs = 50
const frameBytes = 12

export class Fetches {
  readonly #socket: BrokerSocket
  readonly #memory: Memory
  readonly #topic: string
  readonly #positions: Map<number, number>
  readonly #arrived: Answer[] = []
  #running = false
  #failure: Error | undefined
  #wake: (() => void) | undefined

  constructor(socket: BrokerSocket, memory: Memory, topic: string, partitions: readonly number[]) {
    this.#socket = socket
    this.#memory = memory
    this.#topic = topic
    this.#positions = new Map(partitions.map((partition) => [partition, 0]))
  }

  /** The next answer with or without records; it is the caller's until `done`. */
  async next(): Promise<Answer> {
    this.#ask()
    while (true) {
      const answer = this.#arrived.shift()
      if (answer !== undefined) return answer
      if (this.#failure !== undefined) throw this.#failure
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
  }

  done(answer: Answer): void {
    this.#memory.giveAnswer(answer.region)
    this.#ask()
  }

  #ask(): void {
    if (this.#running) return
    const region = this.#memory.takeAnswer()
    if (region === undefined) return
    this.#running = true
    this.#fetch(region)
      .catch((error: Error) => {
        this.#failure = error
      })
      .finally(() => {
        this.#running = false
        this.#wake?.()
        if (this.#failure === undefined) this.#ask()
      })
  }

  async #fetch(region: number): Promise<void> {
    const request = encodeRequest(fetch, version, {
      maxWaitMs: waitMs,
      minBytes: 1,
      maxBytes: fetchBytesMax,
      isolationLevel: readCommitted,
      topics: [
        {
          topic: this.#topic,
          partitions: Array.from(this.#positions, ([partition, fetchOffset]) => ({
            partition,
            fetchOffset,
            partitionMaxBytes: fetchPartitionBytesMax,
          })),
        },
      ],
      forgottenTopicsData: [],
    })
    const body = await this.#socket.send(request, (sizeBytes) => {
      if (sizeBytes > answerBytesMax) throw new Error(`a fetch answer of ${sizeBytes} bytes`)
      return this.#memory.bytes.subarray(region, region + sizeBytes)
    })
    const answer = decodeResponse(fetch, version, new Reader(body))
    accept('Fetch', answer.errorCode)
    const parts: Part[] = []
    for (const { partitions } of answer.responses) {
      for (const { partitionIndex, errorCode, abortedTransactions, records } of partitions) {
        accept('Fetch', errorCode)
        if ((abortedTransactions ?? []).length > 0) throw new Error('aborted records in the input')
        if (records === null || records.length === 0) continue
        const start = records.byteOffset
        parts.push({ partition: partitionIndex, start, end: start + records.length })
        this.#advance(partitionIndex, start, start + records.length)
      }
    }
    // Partitions that had more for this answer go to the end of the next request, as Java does it.
    this.#arrived.push({ region, parts })
  }

  /** Sets the position after the complete batches. */
  #advance(partition: number, start: number, end: number): void {
    const { view } = this.#memory
    for (let at = start; end - at >= position.records; ) {
      const batchEnd = at + frameBytes + view.getInt32(at + position.length)
      if (batchEnd > end) return
      const base =
        view.getInt32(at + position.baseOffset) * 0x1_0000_0000 +
        view.getUint32(at + position.baseOffset + 4)
      this.#positions.delete(partition)
      this.#positions.set(partition, base + view.getInt32(at + position.lastOffsetDelta) + 1)
      at = batchEnd
    }
  }
}
