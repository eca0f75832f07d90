import type { Serde } from '../serde/serde.ts'
import type { WindowSpec } from '../time/windows.ts'

/** Where a store's committed state is kept besides its changelog. */
export const storeBackends = ['memory', 'lmdb'] as const
export type StoreBackend = (typeof storeBackends)[number]

/** True for a store that a backend outside memory keeps. @param otherwise Where it does not say. */
export function isKept(spec: StoreSpec, otherwise: StoreBackend): boolean {
  if (spec.changelog === false && spec.sourceTopic === undefined) return false
  return (spec.backend ?? otherwise) !== 'memory'
}

/**
 * A named store of a topology; its changelog is `<application>-<name>-changelog`, or the topic that
 * it is a table of.
 */
export interface StoreSpec {
  readonly name: string
  readonly key: Serde<unknown>
  readonly value: Serde<unknown>
  /** Undefined: the option `stateBackend` says. A store that nothing survives is in memory. */
  readonly backend: StoreBackend | undefined
  /** False: nothing survives a restart. Else the changelog topic's own configuration. */
  readonly changelog: false | Readonly<Record<string, string>>
  /** The store is a table of this topic, which is its changelog too: `changelog` is false then. */
  readonly sourceTopic?: string
  /** Its entries are also found by ranges of key bytes (`EpochBuffer.scan`). */
  readonly ordered?: true
  /** Values are handed out to be changed in place: a cut tells only what has changed. */
  readonly lends?: true
  /** Keys end with a window's start (`windowedKeys`), and go when their window closes. */
  readonly window?: StoredWindow
  /** Keys have a time near their end, and each goes once the watermark has passed it. */
  readonly times?: StoredTimes
}

/** Where a key has its time, and how long after it the entry goes. */
export interface StoredTimes {
  /** From where the time's 8 bytes begin to the end of the key. */
  readonly bytesBehind: number
  /** An entry closes when the watermark reaches its time plus this. */
  readonly keptMs: number
  /** It goes this much later, where others that are open need it. @default 0 */
  readonly lingersMs?: number
}

export interface StoredWindow extends WindowSpec {
  /** How long after its end a window takes records. */
  readonly graceMs: number
}

/** Which state a query sees: what has committed, or the open epoch too. */
export type Isolation = 'committed' | 'latest'
