/** A topology with input, and what its output has to be: an oracle folds the input naively. */
import type { Topology } from '../../src/index.ts'
import type { InputGenerator, SimulatedRecord } from '../../src/testing/index.ts'
import type { SimulationResult } from '../../src/testing/index.ts'

export interface Workload {
  readonly topology: Topology
  readonly inputs: Readonly<Record<string, InputGenerator>>
  readonly usesWallClock?: boolean
  /** @throws Error when the output does not follow from the input. */
  readonly verify: (result: SimulationResult) => void
}

export interface Scenario {
  readonly name: string
  /** @param random Of the seed: for scenarios that draw their topology. */
  readonly make: (random: () => number) => Workload
}

export type Records = readonly SimulatedRecord[]

export function pick<Value>(random: () => number, list: readonly [Value, ...Value[]]): Value {
  return list[Math.floor(random() * list.length)] ?? list[0]
}

export function recordsOf(
  from: Readonly<Record<string, readonly SimulatedRecord[]>>,
  topic: string,
): Records {
  const records = from[topic]
  if (records === undefined) throw new Error(`nothing is known of topic ${topic}`)
  return records
}

/** The records of each key, in their order; keys as JSON. */
export function byKey(records: Records): Map<string, SimulatedRecord[]> {
  const found = new Map<string, SimulatedRecord[]>()
  for (const record of records) {
    const key = JSON.stringify(record.key)
    found.set(key, [...(found.get(key) ?? []), record])
  }
  return found
}

/** The last value of each key that is not deleted. */
export function lastValues(records: Records): Map<string, unknown> {
  const found = new Map<string, unknown>()
  for (const { key, value } of records) {
    if (value === null) found.delete(JSON.stringify(key))
    else found.set(JSON.stringify(key), value)
  }
  return found
}

/** All of one key are in one partition. */
export function expectOnePartition(records: Records): void {
  const partitions = new Map<string, number>()
  for (const { key, partition } of records) {
    const name = JSON.stringify(key)
    const before = partitions.get(name) ?? partition
    if (before !== partition)
      throw new Error(`key ${name} is in partitions ${before}, ${partition}`)
    partitions.set(name, partition)
  }
}

/** The time that the input of a partition has reached; of several, that of the last one. */
export function reachedIn(events: Records, partitions: readonly number[]): number {
  const times = partitions.map((partition) => {
    const mine = events.filter((event) => event.partition === partition)
    return Math.max(Number.NEGATIVE_INFINITY, ...mine.map(({ timestamp }) => timestamp))
  })
  return Math.min(...times)
}

const shown = 12

/** @throws Error that shows what differs. */
export function expectSame(what: string, found: unknown, expected: unknown): void {
  const [one, other] = [flat(found), flat(expected)]
  if (JSON.stringify(one) === JSON.stringify(other)) return
  const at = one.findIndex((line, i) => line !== other[i])
  const from = Math.max(0, at < 0 ? other.length - 3 : at - 3)
  const part = (lines: readonly string[]) => lines.slice(from, from + shown).join(' ')
  throw new Error(
    `${what}: ${one.length} found, ${other.length} expected; from ${from} on found ` +
      `${part(one)} instead of ${part(other)}`,
  )
}

function flat(value: unknown): readonly string[] {
  if (value instanceof Map) {
    return Array.from(value, ([key, one]) => `${String(key)}=${JSON.stringify(one)}`).toSorted()
  }
  return Array.isArray(value) ? value.map((one) => JSON.stringify(one)) : [JSON.stringify(value)]
}
