/** What an answer means for one partition: data, a problem, or another try. */
import { type ErrorPlace, StreamError } from '../../../model/errors.ts'
import { errorCode, kafkaError } from '../../protocol/error-codes.ts'
import { type BatchHeader, readBatchHeaders } from '../../protocol/record-batch/index.ts'
import type { FetcherOptions } from '../port.ts'
import type { Cursor } from './cursor.ts'
import type { PartitionAnswer } from './request.ts'
import { unreadable } from './unreadable.ts'

export type Outcome =
  | {
      readonly kind: 'records'
      readonly records: Uint8Array
      readonly headers: readonly BatchHeader[]
    }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'out-of-range' }
  | { readonly kind: 'diverged'; readonly endOffset: number }
  | { readonly kind: 'again'; readonly refresh: boolean; readonly error: StreamError }
  | { readonly kind: 'failed'; readonly error: StreamError }

const outOfRange = errorCode('OFFSET_OUT_OF_RANGE')

export function outcomeOf(answer: PartitionAnswer, cursor: Cursor): Outcome {
  const { errorCode: code, divergingEpoch } = answer
  if (code === outOfRange) return { kind: 'out-of-range' }
  if (code !== 0) return failure(code, cursor)
  if (divergingEpoch.endOffset >= 0)
    return { kind: 'diverged', endOffset: divergingEpoch.endOffset }
  const records = answer.records
  if (records === null || records.length === 0) return { kind: 'nothing' }
  try {
    const headers = readBatchHeaders(records)
    return headers.length > 0 ? { kind: 'records', records, headers } : partOfBatch(records, cursor)
  } catch (error) {
    return { kind: 'failed', error: unreadable(error, placeOf(cursor)) }
  }
}

/** Brokers send at least one whole batch, whatever its size; this one would be asked for ever. */
function partOfBatch(records: Uint8Array, cursor: Cursor): Outcome {
  const error = new StreamError(
    'BATCH_LARGER_THAN_FETCH',
    `the broker sent ${records.length} bytes of a larger batch; fetch more bytes per partition`,
    { domain: 'external', recovery: 'fatal', where: placeOf(cursor) },
  )
  return { kind: 'failed', error }
}

function placeOf({ topic, partition, fetchOffset }: Cursor): ErrorPlace {
  return { topic, partition, offset: fetchOffset }
}

function failure(code: number, cursor: Cursor): Outcome {
  const error = kafkaError(code, { doing: 'fetching', where: placeOf(cursor) })
  switch (error.recovery) {
    case 'refresh':
      return { kind: 'again', refresh: true, error }
    case 'retry':
    // Nothing was asked for that could have been done: a fetch has no outcome to settle.
    case 'unknown-outcome':
      return { kind: 'again', refresh: false, error }
    default:
      return { kind: 'failed', error }
  }
}

/** The end of what may be read, as far as the answer says. */
export function endOffsetOf(
  answer: PartitionAnswer,
  isolation: FetcherOptions['isolation'],
): number | undefined {
  const end = isolation === 'read_committed' ? answer.lastStableOffset : answer.highWatermark
  return end < 0 ? undefined : end
}
