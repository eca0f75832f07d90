import type { Serde } from '../../serde/serde.ts'
import type { MapState, ReadMapState } from '../../state/kinds/handles.ts'
import type { BroadcastSpec } from '../../state/kinds/spec.ts'
import { checkSerde } from '../checks.ts'

declare const held: unique symbol
interface Held<K, V> {
  readonly [held]?: readonly [K, V]
}

export type BroadcastDeclaration<K, V> = BroadcastSpec & Held<K, V>
export type BroadcastDeclarations = Readonly<Record<string, BroadcastDeclaration<unknown, unknown>>>

/** What `onBroadcast` has of these declarations. */
export interface BroadcastStates<R> {
  readonly broadcast: {
    readonly [Name in keyof R]: R[Name] extends Held<infer K, infer V> ? MapState<K, V> : never
  }
}

/** What the other functions have of them. */
export interface ReadStates<R> {
  readonly broadcast: {
    readonly [Name in keyof R]: R[Name] extends Held<infer K, infer V> ? ReadMapState<K, V> : never
  }
}

/**
 * A map that every task has whole. As Flink's broadcast state, it is changed where the broadcast is
 * received and read elsewhere.
 */
export function broadcastState<K, V>(key: Serde<K>, value: Serde<V>): BroadcastDeclaration<K, V> {
  return Object.freeze({
    kind: 'broadcast',
    key: checkSerde('the key serde of broadcastState()', key),
    value: checkSerde('the value serde of broadcastState()', value),
  })
}
