import { type ErrorPlace, StreamError } from '../../../model/errors.ts'
import { errorCode } from '../../protocol/error-codes.ts'
import type { RecordBatchBuilder } from '../../protocol/record-batch/index.ts'

const messageTooLarge = errorCode('MESSAGE_TOO_LARGE')
const listTooLarge = errorCode('RECORD_LIST_TOO_LARGE')

/**
 * The error of a batch that the broker finds too large, with what it needs; undefined for others.
 */
export function tooLargeForBroker(
  code: number,
  { count, sizeBytes }: RecordBatchBuilder,
  where: ErrorPlace,
): StreamError | undefined {
  if (code !== messageTooLarge && code !== listTooLarge) return undefined
  const limit = code === messageTooLarge ? 'max.message.bytes' : 'segment.bytes'
  const records = count === 1 ? 'a record' : `a batch of ${count} records`
  const what = `the topic's ${limit} is below ${records} of ${sizeBytes} bytes before compression`
  const advice =
    count === 1 ? 'raise it, or write smaller records' : 'raise it, or lower batchBytesMax'
  return new StreamError('RECORD_TOO_LARGE', `${what}; ${advice}`, {
    domain: 'user',
    recovery: 'fatal',
    where,
  })
}
