/** Bytes of a batch that cannot be read, told with the batch's coordinates. */
import { type ErrorPlace, StreamError } from '../../../model/errors.ts'

export function unreadable(error: unknown, where: ErrorPlace): StreamError {
  const about = { where, cause: error } as const
  if (error instanceof StreamError) {
    const { code, domain, recovery } = error
    return new StreamError(code, error.message.slice(code.length + 2), {
      ...about,
      domain,
      recovery,
    })
  }
  const reason = error instanceof Error ? error.message : String(error)
  return new StreamError(
    'BATCH_CORRUPT',
    `a batch cannot be read: ${reason}; look at the broker's disk, and go on behind the batch ` +
      'only if its records may be lost',
    { ...about, domain: 'external', recovery: 'fatal' },
  )
}
