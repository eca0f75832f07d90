/** Lines of text ↔ records, as far as text can say what a serde takes. */
import { messageOf } from '../../model/errors.ts'
import type { Serde } from '../../serde/serde.ts'
import { usage } from '../failures.ts'

export interface LineSerdes {
  readonly key: Serde<unknown>
  readonly value: Serde<unknown>
}

export interface LineRecord {
  readonly key: Uint8Array | undefined
  readonly value: Uint8Array
}

/**
 * The record that a line stands for.
 * @param separator What stands between key and value; without one, the line is the value and has no
 *   key.
 * @throws StreamError `INPUT_LINE_INVALID`
 */
export function recordOfLine(
  line: string,
  number: number,
  serdes: LineSerdes,
  separator: string | undefined,
): LineRecord {
  const at = separator === undefined ? -1 : line.indexOf(separator)
  if (separator !== undefined && at < 0) {
    throw invalid(number, `it has no ${JSON.stringify(separator)} between key and value`)
  }
  const value = separator === undefined ? line : line.slice(at + separator.length)
  try {
    return {
      key: at < 0 ? undefined : bytesOfText(line.slice(0, at), serdes.key),
      value: bytesOfText(value, serdes.value),
    }
  } catch (cause) {
    throw invalid(number, messageOf(cause), cause)
  }
}

function invalid(number: number, why: string, cause?: unknown) {
  return usage('INPUT_LINE_INVALID', `line ${number} is left out: ${why}`, cause)
}

function bytesOfText(text: string, serde: Serde<unknown>): Uint8Array {
  switch (serde.name) {
    case 'int32':
    case 'int64':
    case 'double':
      return serde.serialize(text.trim() === '' ? text : Number(text))
    case 'bigint64':
      return serde.serialize(BigInt(text))
    case 'boolean':
      return serde.serialize(text === 'true' || (text === 'false' ? false : text))
    case 'string':
    case 'uuid':
      return serde.serialize(text)
    default:
      // json, bytes and serdes of the author's own: the line is what the topic would carry.
      return Buffer.from(text)
  }
}

/** One output record as a line: topic, key and value between tabs. */
export function lineOfRecord(
  topic: string,
  serdes: LineSerdes | undefined,
  key: Uint8Array | undefined,
  value: Uint8Array | undefined,
): string {
  return `${topic}\t${textOfBytes(key, serdes?.key)}\t${textOfBytes(value, serdes?.value)}\n`
}

function textOfBytes(bytes: Uint8Array | undefined, serde: Serde<unknown> | undefined): string {
  if (bytes === undefined) return 'null'
  if (serde === undefined) return Buffer.from(bytes).toString()
  const value = serde.deserialize(bytes)
  if (typeof value === 'string') return value
  if (typeof value === 'bigint') return String(value)
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  return JSON.stringify(value)
}
