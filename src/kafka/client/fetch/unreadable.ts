/** Bytes of a batch that cannot be read, told with the batch's coordinates. */
import { type ErrorPlace, messageOf, StreamError } from '../../../model/errors.ts'

export function unreadable(error: unknown, where: ErrorPlace): StreamError {
  const about = { where, cause: error } as const
  if (error instanceof StreamError) {
    const { code, domain, recovery } = error
    return new StreamError(code, messageOf(error), { ...about, domain, recovery })
  }
  return new StreamError(
    'BATCH_CORRUPT',
    `a batch cannot be read: ${messageOf(error)}; look at the broker's disk, and go on behind ` +
      'the batch only if its records may be lost',
    { ...about, domain: 'external', recovery: 'fatal' },
  )
}
