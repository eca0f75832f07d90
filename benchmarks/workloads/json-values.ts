/** JSON that an engine wrote: anything may be in it. */

/** Undefined for what is no JSON. */
export function parsedJson(value: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(value.buffer, value.byteOffset, value.length).toString())
  } catch {
    return undefined
  }
}

/** Fields of a JSON object; NaN for what is no number or not there. */
export function numbersOf(value: Uint8Array, names: readonly string[]): readonly number[] {
  const object = parsedJson(value)
  if (typeof object !== 'object' || object === null) return names.map(() => Number.NaN)
  const fields = new Map<string, unknown>(Object.entries(object))
  return names.map((name) => {
    const field = fields.get(name)
    return typeof field === 'number' ? field : Number.NaN
  })
}
