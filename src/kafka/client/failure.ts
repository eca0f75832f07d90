/** Every way in which asking a broker fails, as the errors that leave the client. */
import { type ErrorPlace, StreamError } from '../../model/errors.ts'
import { kafkaError } from '../protocol/error-codes.ts'
import { MalformedMessage } from '../protocol/reader.ts'
import { WireError } from '../wire.ts'

/** Throws what an answer's error code says; 0 is no error. */
export function check(
  errorCode: number,
  doing: string,
  where: ErrorPlace = {},
  brokerMessage: string | null = null,
): void {
  if (errorCode !== 0) throw kafkaError(errorCode, { doing, where, brokerMessage })
}

/** What leaves the client, whatever was thrown inside. */
export function toStreamError(error: unknown, doing: string): StreamError {
  if (error instanceof StreamError) return error
  if (error instanceof WireError) return undelivered(error, doing)
  const about = { recovery: 'fatal', cause: error } as const
  if (error instanceof MalformedMessage) {
    const what = `${doing}: the answer does not follow Kafka's protocol (${error.message})`
    const advice = 'is this address a Kafka broker?'
    return new StreamError('ANSWER_MALFORMED', `${what}; ${advice}`, {
      ...about,
      domain: 'external',
    })
  }
  const what = `${doing}: ${error instanceof Error ? error.message : String(error)}`
  return new StreamError('INVARIANT_BROKEN', what, { ...about, domain: 'internal' })
}

/** An attempt that the deadline cut short says less than the one before it. */
export function tellingError(error: StreamError, before: StreamError | undefined): StreamError {
  return error.code === 'BROKER_SILENT' && before !== undefined ? before : error
}

function undelivered(error: WireError, doing: string): StreamError {
  const what = `${doing}: ${error.message}`
  const about = { domain: 'external', cause: error } as const
  switch (error.reason) {
    case 'authentication':
      return new StreamError('AUTHENTICATION_FAILED', what, { ...about, recovery: 'fatal' })
    case 'tls':
      return new StreamError('TLS_FAILED', what, { ...about, recovery: 'fatal' })
    case 'timeout':
      return new StreamError('BROKER_SILENT', what, { ...about, recovery: 'refresh' })
    default:
      return new StreamError('BROKER_UNREACHABLE', what, { ...about, recovery: 'refresh' })
  }
}
