import type { Header } from '../model/record.ts'

/**
 * What user functions get as their last argument: where the record came from. Valid during the call
 * only.
 */
export interface RecordContext {
  /** Milliseconds since 1970. */
  readonly timestamp: number
  readonly headers: readonly Header[]
  readonly topic: string
  readonly partition: number
  readonly offset: number
}
