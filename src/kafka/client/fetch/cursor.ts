/** Where one partition is being read, from `assign` until it is assigned again or removed. */
import type { TopicPartition } from '../../../model/ids.ts'
import type { FetchProblem } from '../port.ts'

export class Cursor implements TopicPartition {
  readonly topic: string
  readonly partition: number
  /**
   * Id of the topic that is read, known from the first fetch that went by it: a topic that is made
   * again under the same name is another one. Undefined where brokers fetch by name.
   */
  topicId: string | undefined
  /** What the next request asks for: behind everything that was fetched, polled or not. */
  fetchOffset: number
  /** Leader epoch of the batch before `fetchOffset`, −1 unknown: tells a truncated log. */
  lastEpoch: number
  paused = false
  /** Assigned elsewhere or removed: an answer that is still to come is dropped. */
  gone = false
  inFlight = false
  /** Answers that were fetched and not yet polled to their end. */
  bufferedChunks = 0
  /** LSO or high watermark, after the isolation level. */
  endOffset: number | undefined
  /** Found by a fetch ahead of what was polled; told once that has been handed over. */
  problem: FetchProblem | undefined
  /** What was fetched cannot be read: nothing more is handed over. */
  isBroken = false
  isTold = false
  /** Failed attempts in a row, and the moment (monotonic) before which no other is made. */
  failures = 0
  retryAtMs = 0
  /** Leader epoch under which the position is known not to be truncated. */
  validatedEpoch: number | undefined

  constructor({ topic, partition }: TopicPartition, offset: number, leaderEpoch: number) {
    this.topic = topic
    this.partition = partition
    this.fetchOffset = offset
    this.lastEpoch = leaderEpoch
  }

  /** Neither given up nor stopped by a problem. */
  get isOpen(): boolean {
    return !this.gone && this.problem === undefined
  }

  /** There is a problem to tell, and what came before it has been handed over. */
  get hasNews(): boolean {
    return this.problem !== undefined && !this.isTold && this.bufferedChunks === 0
  }
}
