/** The events of each partition in their order, for outputs that keep it. */
import { events, type LoadShape } from '../load/events.ts'
import { keyBytes } from '../load/keys.ts'
import type { Event } from '../load/values.ts'
import { murmur2, partitionOfHash } from '../../src/model/murmur2.ts'

/** Visits the events of one partition after the other; `undefined` after the last. */
export class EventSequence {
  readonly #columns: readonly Int32Array[]
  readonly #times: Float64Array
  readonly #order: readonly Int32Array[]
  readonly #at: number[]
  readonly #event: Event = { id: 0, key: 0, user: 0, amount: 0, timestamp: 0 }

  constructor(
    shape: LoadShape,
    partitions: number,
    keep: (event: Readonly<Event>) => boolean = () => true,
  ) {
    const columns = [0, 1, 2].map(() => new Int32Array(shape.records))
    const times = new Float64Array(shape.records)
    const order = Array.from({ length: partitions }, () => new Int32Array(shape.records))
    const counts = order.map(() => 0)
    const partitionOf = partitionsOfKeys(shape.keys, partitions)
    for (const event of events(shape)) {
      const [keys, users, amounts] = columns
      if (keys !== undefined) keys[event.id] = event.key
      if (users !== undefined) users[event.id] = event.user
      if (amounts !== undefined) amounts[event.id] = event.amount
      times[event.id] = event.timestamp
      if (!keep(event)) continue
      const partition = partitionOf[event.key] ?? 0
      const count = counts[partition] ?? 0
      const ids = order[partition]
      if (ids !== undefined) ids[count] = event.id
      counts[partition] = count + 1
    }
    this.#columns = columns
    this.#times = times
    this.#order = order.map((ids, partition) => ids.subarray(0, counts[partition]))
    this.#at = order.map(() => 0)
  }

  /** How many there are in all. */
  get records(): number {
    return this.#order.reduce((sum, ids) => sum + ids.length, 0)
  }

  /** How many were not visited. */
  get left(): number {
    return this.#order.reduce((sum, ids, i) => sum + ids.length - (this.#at[i] ?? 0), 0)
  }

  /** The next event of a partition; the same object each time. */
  next(partition: number): Readonly<Event> | undefined {
    const at = this.#at[partition] ?? 0
    const id = this.#order[partition]?.[at]
    if (id === undefined) return undefined
    this.#at[partition] = at + 1
    const event = this.#event
    event.id = id
    event.key = this.#columns[0]?.[id] ?? -1
    event.user = this.#columns[1]?.[id] ?? -1
    event.amount = this.#columns[2]?.[id] ?? -1
    event.timestamp = this.#times[id] ?? -1
    return event
  }
}

/** The partition of each key. */
export function partitionsOfKeys(keys: number, partitions: number): Int32Array {
  return Int32Array.from({ length: keys }, (_, key) => {
    const bytes = keyBytes(key)
    return partitionOfHash(murmur2(bytes, 0, bytes.length), partitions)
  })
}
