/** Questions and answers as plain data for JSON: bytes are base64. */
import type { Isolation } from './spec.ts'
import type { SilentPart, StoreAnswer, StoreQuestion, StoreRead } from './store-read.ts'

/** Of this platform: `Buffer` where there is one. */
export interface Base64 {
  encode(bytes: Uint8Array): string
  /** @throws whatever says that the text is none. */
  decode(text: string): Uint8Array
}

export type ReadJson =
  | { readonly kind: 'get'; readonly key: string }
  | {
      readonly kind: 'range'
      readonly from?: string | undefined
      readonly to?: string | undefined
      readonly reverse: boolean
      readonly limit: number
    }
  | {
      readonly kind: 'windows'
      readonly key: string
      readonly fromMs: number
      readonly toMs: number
      readonly reverse: boolean
      readonly limit: number
    }

export interface QuestionJson {
  readonly read: ReadJson
  readonly isolation: Isolation
  readonly partitions?: readonly number[] | undefined
  readonly staleMs?: number | undefined
}

export interface AnswerJson {
  readonly parts: readonly {
    readonly partition: number
    readonly role: 'active' | 'standby'
    readonly rows: readonly (readonly [key: string, value: string])[]
  }[]
  readonly silent: readonly SilentPart[]
}

export function questionToJson(question: StoreQuestion, base64: Base64): QuestionJson {
  const { read, isolation, partitions, staleMs } = question
  const rest = { isolation, partitions, staleMs }
  if (read.kind !== 'range') return { read: { ...read, key: base64.encode(read.key) }, ...rest }
  const from = read.from && base64.encode(read.from)
  const to = read.to && base64.encode(read.to)
  return { read: { ...read, from, to }, ...rest }
}

export function questionFromJson(
  store: string,
  { read, isolation, partitions, staleMs }: QuestionJson,
  base64: Base64,
): StoreQuestion {
  return { store, read: readFromJson(read, base64), isolation, partitions, staleMs }
}

function readFromJson(read: ReadJson, base64: Base64): StoreRead {
  if (read.kind !== 'range') return { ...read, key: base64.decode(read.key) }
  const from = read.from === undefined ? undefined : base64.decode(read.from)
  const to = read.to === undefined ? undefined : base64.decode(read.to)
  return { ...read, from, to }
}

export function answerToJson({ parts, silent }: StoreAnswer, base64: Base64): AnswerJson {
  return {
    parts: parts.map(({ rows, ...part }) => ({
      ...part,
      rows: rows.map(({ key, value }) => [base64.encode(key), base64.encode(value)] as const),
    })),
    silent,
  }
}

export function answerFromJson({ parts, silent }: AnswerJson, base64: Base64): StoreAnswer {
  return {
    parts: parts.map(({ rows, ...part }) => ({
      ...part,
      rows: rows.map(([key, value]) => ({ key: base64.decode(key), value: base64.decode(value) })),
    })),
    silent,
  }
}
