import { sequenceBytes, sequencedKeys } from '../serde/sequenced.ts'
import type { Serde } from '../serde/serde.ts'
import type { StoreSpec } from '../state/spec.ts'

/** A store of records that wait for time, one by one. */
export function waitingRecords(parts: {
  readonly name: string
  readonly key: Serde<unknown>
  readonly value: Serde<unknown>
  readonly kept: Pick<StoreSpec, 'backend' | 'changelog'>
  readonly keptMs: number
}): StoreSpec {
  const { name, key, value, kept, keptMs } = parts
  return Object.freeze({
    name,
    key: sequencedKeys(key),
    value,
    ...kept,
    ordered: true as const,
    times: Object.freeze({ bytesBehind: sequenceBytes, keptMs }),
  })
}
