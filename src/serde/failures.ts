import { StreamError } from '../model/errors.ts'

/** The value has no bytes in this format. The task adds operator, key and place. */
export function cannotWrite(serde: string, value: unknown, expected: string, cause?: unknown) {
  const message = `${serde} cannot write ${brief(value)}: ${expected}`
  return new StreamError('SERIALIZATION_FAILED', message, {
    domain: 'user',
    recovery: 'fatal',
    cause,
  })
}

/** The bytes mean nothing in this format. The task adds topic, partition and offset. */
export function cannotRead(serde: string, bytes: Uint8Array, expected: string, cause?: unknown) {
  const message = `${serde} cannot read ${briefBytes(bytes)}: ${expected}`
  return new StreamError('DESERIALIZATION_FAILED', message, {
    domain: 'user',
    recovery: 'fatal',
    cause,
  })
}

const shownCharacters = 60
const shownBytes = 16

function brief(value: unknown): string {
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'bigint') return `the bigint ${value}n`
  if (typeof value === 'number' || typeof value === 'boolean') return `the ${typeof value} ${value}`
  if (typeof value === 'string') return `the string ${cut(JSON.stringify(value))}`
  if (typeof value !== 'object' || value === null) return String(value)
  try {
    return `the object ${cut(JSON.stringify(value))}`
  } catch {
    return 'an object'
  }
}

function cut(text: string): string {
  return text.length <= shownCharacters ? text : `${text.slice(0, shownCharacters)}…`
}

function briefBytes(bytes: Uint8Array): string {
  if (bytes.length === 0) return 'zero bytes'
  const shown = Array.from(bytes.subarray(0, shownBytes), (byte) =>
    byte.toString(16).padStart(2, '0'),
  )
  const rest = bytes.length > shownBytes ? '…' : ''
  return `the ${bytes.length} bytes ${shown.join(' ')}${rest}`
}
