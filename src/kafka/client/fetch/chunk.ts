/** What one answer brought for one partition, decoded as it is polled. */
import type { RecordBatch } from '../../../model/record.ts'
import {
  type BatchHeader,
  decodeBatch,
  decodeControl,
  type Decompress,
} from '../../protocol/record-batch/index.ts'
import type { FetchedBatches } from '../port.ts'
import { AbortedFilter, type AbortedTransaction } from './aborted-filter.ts'
import type { Cursor } from './cursor.ts'
import { unreadable } from './unreadable.ts'

export class Chunk {
  readonly cursor: Cursor
  readonly #records: Uint8Array
  readonly #headers: readonly BatchHeader[]
  /** Absent when everything is read, markers aside. */
  readonly #filter: AbortedFilter | undefined
  #next = 0
  #position: number
  #leaderEpoch: number

  /** @param aborted Undefined under read_uncommitted. */
  constructor(
    cursor: Cursor,
    records: Uint8Array,
    headers: readonly BatchHeader[],
    aborted: readonly AbortedTransaction[] | null | undefined,
  ) {
    this.cursor = cursor
    this.#records = records
    this.#headers = headers
    this.#filter = aborted === undefined ? undefined : new AbortedFilter(aborted)
    this.#position = cursor.fetchOffset
    this.#leaderEpoch = cursor.lastEpoch
  }

  get sizeBytes(): number {
    return this.#records.length
  }

  get isDrained(): boolean {
    return this.#next >= this.#headers.length
  }

  /**
   * Batches up to about `bytesMax`, at least one, and how many bytes they are. A batch that cannot
   * be read ends the chunk: what comes before it is handed over by this call, the error by the
   * next.
   * @throws StreamError `BATCH_CORRUPT` or what decompression says, with the batch's coordinates.
   */
  take(bytesMax: number, decompress: Decompress): { fetched: FetchedBatches; bytes: number } {
    const batches: RecordBatch[] = []
    let bytes = 0
    for (; !this.isDrained && (bytes === 0 || bytes < bytesMax); this.#next++) {
      const header = this.#headers[this.#next]
      if (header === undefined) break
      try {
        const batch = this.#read(header, decompress)
        if (batch !== undefined && batch.count > 0) batches.push(batch)
        bytes += Math.max(header.sizeBytes, decompressedBytes(header, batch))
      } catch (error) {
        if (batches.length > 0) break
        const { topic, partition } = this.cursor
        throw unreadable(error, { topic, partition, offset: header.baseOffset })
      }
      this.#position = Math.max(this.#position, header.lastOffset + 1)
      this.#leaderEpoch = header.leaderEpoch
    }
    return { fetched: this.#handedOver(batches), bytes }
  }

  /** Undefined for what the reader must not see. */
  #read(header: BatchHeader, decompress: Decompress): RecordBatch | undefined {
    const judged = this.#filter?.judge(header, (marker) => this.#endsAborted(marker))
    if (judged === 'skip' || header.isControl) return undefined
    if (header.lastOffset < this.#position) return undefined
    return decodeBatch(this.#records, header, decompress, this.#position)
  }

  #endsAborted(header: BatchHeader): boolean {
    return decodeControl(this.#records, header).kind === 'abort'
  }

  #handedOver(batches: readonly RecordBatch[]): FetchedBatches {
    const { topic, partition, endOffset } = this.cursor
    return {
      topic,
      partition,
      batches,
      nextOffset: this.#position,
      nextLeaderEpoch: this.#leaderEpoch,
      endOffset: endOffset ?? this.#position,
    }
  }
}

/** What a compressed batch takes now that it is handed over. */
function decompressedBytes({ compression }: BatchHeader, batch: RecordBatch | undefined): number {
  return compression === 'none' || batch === undefined ? 0 : batch.bytes.length
}
