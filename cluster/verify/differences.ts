/** Values by key. */
export type Rows = ReadonlyMap<string, unknown>

/** One line for each key whose value is not what it should be. */
export function differences(topic: string, expected: Rows, found: Rows): readonly string[] {
  const keys = new Set([...expected.keys(), ...found.keys()])
  return Array.from(keys).flatMap((key) => {
    const [wanted, is] = [expected.get(key), found.get(key)].map((row) => JSON.stringify(row))
    return wanted === is ? [] : [`${topic}: ${key} is ${is}, and should be ${wanted}`]
  })
}
