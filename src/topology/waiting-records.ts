import { sequenceBytes, sequencedKeys } from '../serde/sequenced.ts'
import type { Serde } from '../serde/serde.ts'
import type { StoreSpec } from '../state/spec.ts'

/**
 * A store of records that wait for time, one by one. Entries go by time, without a word to what
 * would be below: so they are in memory.
 */
export function waitingRecords(parts: {
  readonly name: string
  readonly key: Serde<unknown>
  readonly value: Serde<unknown>
  readonly changelog: StoreSpec['changelog']
  readonly keptMs: number
}): StoreSpec {
  const { name, key, value, changelog, keptMs } = parts
  return Object.freeze({
    name,
    key: sequencedKeys(key),
    value,
    backend: 'memory' as const,
    changelog,
    ordered: true as const,
    times: Object.freeze({ bytesBehind: sequenceBytes, keptMs }),
  })
}
