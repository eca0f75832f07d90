/** One option: how it is written, checked and documented. The table is in `option-table.ts`. */
import { z } from 'zod'
import { parseDuration } from '../model/duration.ts'
import { parseSize } from '../model/size.ts'

export type Section =
  | 'Kafka'
  | 'Application'
  | 'Epochs'
  | 'Group'
  | 'State'
  | 'Reading'
  | 'Writing'
  | 'Operations'
  | 'Tools'

export interface Option<Value> {
  /** Word for the documentation: `duration`, `size`, `integer`, … */
  readonly type: string
  readonly schema: z.ZodType<Value>
  /** As a user would write it; undefined where there is none or where the doc says what it is. */
  readonly initial: string | number | readonly string[] | undefined
  readonly range: string
  readonly doc: string
  readonly section: Section
  /** Values from environment and flags are text: this makes of it what the schema takes. */
  readonly fromText: (text: string) => unknown
  /** Never printed. */
  readonly secret: boolean
}

interface About {
  readonly section: Section
  readonly doc: string
}

const asIs = (text: string): unknown => text
const numeric = (text: string): unknown => (/^-?\d+$/.test(text) ? Number(text) : text)

/** Milliseconds, or text with a unit; the value is in milliseconds. */
export function duration(initial: string, min: string, max: string, about: About): Option<number> {
  const wrong = `expected a duration from ${min} to ${max}, such as '500ms', '15s' or 250 (ms)`
  return unit('duration', parseDuration, numeric, wrong, initial, min, max, about)
}

/** Bytes, or text with a unit; the value is in bytes. */
export function size(initial: string, min: string, max: string, about: About): Option<number> {
  const wrong = `expected a size from ${min} to ${max}, such as '64KiB' or a number of bytes`
  return unit('size', parseSize, numeric, wrong, initial, min, max, about)
}

function unit(
  type: string,
  parse: (written: unknown) => number | undefined,
  fromText: (text: string) => unknown,
  wrong: string,
  initial: string,
  min: string,
  max: string,
  about: About,
): Option<number> {
  const low = parse(min) ?? 0
  const high = parse(max) ?? 0
  const schema = z.unknown().transform((written, context) => {
    const value = parse(written)
    if (value !== undefined && value >= low && value <= high) return value
    context.addIssue({ code: 'custom', message: wrong })
    return z.NEVER
  })
  const range = `${min} – ${max}`
  return { type, schema, initial, range, fromText, secret: false, ...about }
}

export function integer(initial: number, min: number, max: number, about: About): Option<number> {
  const wrong = `expected a whole number from ${min} to ${max}`
  const schema = z.number(wrong).int(wrong).min(min, wrong).max(max, wrong)
  const range = `${min} – ${max}`
  return { type: 'integer', schema, initial, range, fromText: numeric, secret: false, ...about }
}

export function text(initial: string, about: About): Option<string> {
  const schema = z.string('expected text').min(1, 'expected text that is not empty')
  return { type: 'text', schema, initial, range: '', fromText: asIs, secret: false, ...about }
}

export function choice<const Word extends string>(
  initial: NoInfer<Word>,
  words: readonly Word[],
  about: About,
): Option<Word> {
  const schema = z.enum(words, `expected one of ${words.join(', ')}`)
  const range = words.join(', ')
  return { type: 'word', schema, initial, range, fromText: asIs, secret: false, ...about }
}

/** Text with commas in environment and flags; a list (or one text) in files and code. */
export function list(initial: readonly string[], about: About): Option<readonly string[]> {
  const wrong = 'expected a list of texts that are not empty'
  const schema = z.array(z.string(wrong).min(1, wrong), wrong).min(1, wrong)
  const fromText = (written: string) => written.split(',').map((part) => part.trim())
  const either = z.preprocess((v) => (typeof v === 'string' ? fromText(v) : v), schema)
  return { type: 'list', schema: either, initial, range: '', fromText, secret: false, ...about }
}

/** A structure: YAML in files, an object in code, JSON in environment and flags. */
export function structure<Value>(
  schema: z.ZodType<Value>,
  range: string,
  secret: boolean,
  about: About,
): Option<Value | undefined> {
  const fromText = (written: string): unknown => {
    try {
      return JSON.parse(written)
    } catch {
      return written
    }
  }
  const optional = schema.optional()
  const type = 'structure'
  return { type, schema: optional, initial: undefined, range, fromText, secret, ...about }
}

/** The same option without a default: what then holds is said in its doc. */
export function optional<Value>(option: Option<Value>): Option<Value | undefined> {
  return { ...option, schema: option.schema.optional(), initial: undefined }
}
