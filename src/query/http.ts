/** One question to one process over its HTTP port. */
import { StreamError } from '../model/errors.ts'
import { type AnswerJson, answerFromJson, questionToJson } from '../state/store-json.ts'
import type { StoreAnswer, StoreQuestion } from '../state/store-read.ts'
import { base64 } from './base64.ts'
import { unavailable } from './typed-store.ts'

/**
 * @param how `query`: whoever is asked finds the owners. `ask`: it answers for itself.
 * @throws StreamError as the other side says; others: it cannot be reached.
 */
export async function askOver(
  base: string,
  how: 'query' | 'ask',
  question: StoreQuestion,
  signal: AbortSignal,
): Promise<StoreAnswer> {
  const url = `${base}/api/stores/${encodeURIComponent(question.store)}/${how}`
  const body = JSON.stringify(questionToJson(question, base64))
  const response = await fetch(url, { method: 'POST', body, signal })
  const told: unknown = await response.json()
  if (response.ok) return answerFromJson(told as AnswerJson, base64)
  throw refused(question.store, response.status, told)
}

function refused(store: string, status: number, told: unknown): StreamError {
  const { code, message } = (told as { error?: { code?: string; message?: string } }).error ?? {}
  const said = message ?? `status ${status}`
  const wrongUse = { domain: 'user', recovery: 'fatal' } as const
  if (code === 'UNKNOWN_STORE') return new StreamError('UNKNOWN_STORE', said, wrongUse)
  if (code === 'QUERY_INVALID') return new StreamError('QUERY_INVALID', said, wrongUse)
  if (code !== 'STORE_UNAVAILABLE') return unavailable(store, said)
  return new StreamError(code, said, { domain: 'external', recovery: 'retry' })
}
