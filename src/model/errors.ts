/**
 * Who has to act: the topology's author, whoever runs Kafka or the machine, or the authors of
 * Millrace.
 */
export type ErrorDomain = 'user' | 'external' | 'internal'

/**
 * What the holder of the error does: try again later, read metadata or coordinators again, join the
 * group again, give up ownership, end the epoch and do it again, settle an unknown outcome first,
 * or stop.
 */
export type Recovery =
  | 'retry'
  | 'refresh'
  | 'rejoin'
  | 'fenced'
  | 'abort'
  | 'unknown-outcome'
  | 'fatal'

export interface ErrorPlace {
  readonly worker?: string
  readonly task?: string
  readonly node?: string
  readonly topic?: string
  readonly partition?: number
  readonly offset?: number
}

/** Every error that leaves Millrace; `code` is documented in docs/errors.md. */
export class StreamError extends Error {
  override readonly name = 'StreamError'
  readonly code: string
  readonly domain: ErrorDomain
  readonly recovery: Recovery
  readonly where: ErrorPlace

  /**
   * @param message What happened and what to do about it, without code and place: they are added.
   */
  constructor(
    code: string,
    message: string,
    about: {
      readonly domain: ErrorDomain
      readonly recovery: Recovery
      readonly where?: ErrorPlace
      readonly cause?: unknown
    },
  ) {
    const where = about.where ?? {}
    const place = Object.entries(where).map(([name, value]) => `${name} ${value}`)
    const suffix = place.length > 0 ? ` (${place.join(', ')})` : ''
    super(`${code}: ${message}${suffix}`, about.cause === undefined ? {} : { cause: about.cause })
    this.code = code
    this.domain = about.domain
    this.recovery = about.recovery
    this.where = where
  }
}

/** A broken invariant is a defect of Millrace: stop before it reaches a committed epoch. */
export function assert(condition: boolean, invariant: string): asserts condition {
  if (condition) return
  throw new StreamError('INVARIANT_BROKEN', invariant, { domain: 'internal', recovery: 'fatal' })
}

/** Ends a switch over a discriminated union: the compiler refuses a forgotten case. */
export function assertNever(value: never): never {
  throw new StreamError('INVARIANT_BROKEN', `a case is not handled: ${JSON.stringify(value)}`, {
    domain: 'internal',
    recovery: 'fatal',
  })
}

/**
 * True for errors of another copy of the package and of threads too: those have no class of ours.
 * A topology has its serdes from the copy in its own project.
 */
export function isStreamError(error: unknown): error is StreamError {
  if (!(error instanceof Error) || !('code' in error)) return false
  return typeof error.code === 'string' && error.message.startsWith(`${error.code}: `)
}

/**
 * What was thrown, in words, for the error around it: anything can be thrown. A `StreamError` has
 * its code before its message, and the error around it has one already.
 */
export function messageOf(thrown: unknown): string {
  if (isStreamError(thrown)) return thrown.message.slice(thrown.code.length + ': '.length)
  return thrown instanceof Error ? thrown.message : String(thrown)
}
