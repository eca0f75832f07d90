import type { KeyValue } from './spec.ts'

/**
 * The answer of a function that changes keys, checked: types do not reach JavaScript, and a value
 * alone would be taken apart silently where it is a text or a list.
 * @throws TypeError
 */
export function pairOf(answer: KeyValue): KeyValue {
  if (Array.isArray(answer) && answer.length === 2) return answer
  throw new TypeError(`it answered ${describe(answer)} where [key, value] is wanted`)
}

function describe(answer: unknown): string {
  return Array.isArray(answer) ? `a list of ${answer.length}` : String(answer)
}
