/**
 * False when a user function cannot see its second argument: an arrow function with at most one
 * plain parameter. Then the key need not be decoded for it. Anything else (rest, defaults,
 * `arguments`, bound functions) counts as reading.
 */
export function seesKey(fn: (...values: never[]) => unknown): boolean {
  return !/^(?:\(\s*[\w$]*\s*\)|[\w$]+)\s*=>/.test(String(fn))
}

/** The same for reducers, whose key is the third argument. */
export function reducerSeesKey(fn: (...values: never[]) => unknown): boolean {
  return !/^(?:\(\s*(?:[\w$]+\s*(?:,\s*[\w$]+\s*)?)?\)|[\w$]+)\s*=>/.test(String(fn))
}
