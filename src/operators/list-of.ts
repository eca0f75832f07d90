/**
 * The whole answer of a user function before any of it is passed on: a generator that throws leaves
 * no trace.
 */
export function listOf<T>(items: Iterable<T>): readonly T[] {
  if (Array.isArray(items)) return items
  // Array.from would take a number, or an object, for an empty list.
  if (typeof items?.[Symbol.iterator] === 'function') return Array.from(items)
  throw new TypeError(`it answered ${JSON.stringify(items)} where an array or iterable is wanted`)
}
