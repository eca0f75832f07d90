/** Fetched and not yet polled chunks, in the order in which they came. */
import type { Decompress } from '../../protocol/record-batch/index.ts'
import type { FetchedBatches } from '../port.ts'
import type { Chunk } from './chunk.ts'
import type { Cursor } from './cursor.ts'
import { toStreamError } from '../failure.ts'

export class FetchBuffer {
  readonly #decompress: Decompress
  #chunks: Chunk[] = []
  #bytes = 0

  constructor(decompress: Decompress) {
    this.#decompress = decompress
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Whether `take` would hand something over. */
  get isReady(): boolean {
    return this.#chunks.some(({ cursor }) => !cursor.paused)
  }

  add(chunk: Chunk): void {
    this.#chunks.push(chunk)
    this.#count(chunk, 1)
  }

  /**
   * First come, first served: a chunk that is only partly handed over stays first, and a busy
   * partition's next chunk waits behind those of others.
   */
  take(bytesMax: number): FetchedBatches[] {
    const taken: FetchedBatches[] = []
    let left = bytesMax
    this.#chunks = this.#chunks.filter((chunk) => {
      const { cursor } = chunk
      // A chunk without records has nothing to drain, and is kept all the same until its turn.
      if (!cursor.isBroken && (left <= 0 || cursor.paused)) return true
      // An earlier chunk of the same partition may just have turned out to be corrupt.
      if (!cursor.isBroken) left -= this.#takeFrom(chunk, left, taken)
      if (!cursor.isBroken && !chunk.isDrained) return true
      this.#count(chunk, -1)
      return false
    })
    return taken
  }

  #takeFrom(chunk: Chunk, bytesMax: number, taken: FetchedBatches[]): number {
    try {
      const { fetched, bytes } = chunk.take(bytesMax, this.#decompress)
      taken.push(fetched)
      return bytes
    } catch (error) {
      const { cursor } = chunk
      cursor.problem = { kind: 'failed', error: toStreamError(error, 'reading a batch') }
      cursor.isBroken = true
      return 0
    }
  }

  /** Forgets what was fetched for a cursor. */
  drop(cursor: Cursor): void {
    this.#chunks = this.#chunks.filter((chunk) => {
      if (chunk.cursor === cursor) this.#count(chunk, -1)
      return chunk.cursor !== cursor
    })
  }

  /** The chunk's memory is one piece, so its bytes are held until all of it is handed over. */
  #count({ cursor, sizeBytes }: Chunk, sign: 1 | -1): void {
    this.#bytes += sign * sizeBytes
    cursor.bufferedChunks += sign
  }
}
