/**
 * The whole answer of a user function before any of it is passed on: a generator that throws leaves
 * no trace.
 */
export function listOf<T>(items: Iterable<T>): readonly T[] {
  return Array.isArray(items) ? items : Array.from(items)
}
