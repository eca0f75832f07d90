/** A plain parameter, or one taken apart without defaults, rest or nesting. */
const parameter = String.raw`(?:[\w$]+|\{[\w$\s,:]*\}|\[[\w$\s,]*\])`
const upToOne = new RegExp(String.raw`^(?:\(\s*(?:${parameter}\s*)?\)|[\w$]+)\s*=>`)
const upToTwo = new RegExp(
  String.raw`^(?:\(\s*(?:${parameter}\s*(?:,\s*${parameter}\s*)?)?\)|[\w$]+)\s*=>`,
)

/**
 * False when a user function cannot see its second argument: an arrow function with at most one
 * such parameter. Then the key need not be decoded for it. Anything else (rest, defaults,
 * `arguments`, bound functions) counts as reading.
 */
export function seesKey(fn: (...values: never[]) => unknown): boolean {
  return !upToOne.test(String(fn))
}

/** The same for reducers, whose key is the third argument. */
export function reducerSeesKey(fn: (...values: never[]) => unknown): boolean {
  return !upToTwo.test(String(fn))
}
