/** Stores that operators name in `stores`, and may share. */
import { type Duration, durationMs } from '../../model/duration.ts'
import type { StoreDeclaration } from '../../operators/process/contexts.ts'
import { pairKeys } from '../../serde/pair.ts'
import type { Serde } from '../../serde/serde.ts'
import { orderedSpan, orderedTime } from '../../serde/spans.ts'
import type {
  KeyValueStore,
  SessionStore,
  TimestampedStore,
  WindowedStore,
} from '../../state/kinds/shared-handles.ts'
import type { SharedSpec } from '../../state/kinds/shared-spec.ts'
import type { StoreBackend, StoreSpec } from '../../state/spec.ts'
import { checkChangelog, checkOptions, checkSerde } from '../checks.ts'
import { refuse } from '../failures.ts'
import { checkLabel } from '../names.ts'
import { checkBackend } from '../stored.ts'

export interface SharedStoreOptions<K, V> {
  readonly key: Serde<K>
  readonly value: Serde<V>
  /** As in `StoreOptions`. @default the option `stateBackend` */
  readonly backend?: StoreBackend
  /** As in `StoreOptions`. */
  readonly changelog?: false | Readonly<Record<string, string>>
}

export interface RetainedStoreOptions<K, V> extends SharedStoreOptions<K, V> {
  /** How long after its time a window or session is kept, by the watermark. */
  readonly retention: Duration
}

/** Values by key: `const accounts = keyValueStore('accounts', { key: string, value: int64 })`. */
export function keyValueStore<K, V>(
  name: string,
  options: SharedStoreOptions<K, V>,
): StoreDeclaration<KeyValueStore<K, V>> {
  const what = `keyValueStore("${name}")`
  return declaration(what, 'key-value', name, options, options.key)
}

/** Values by key, each with its time. */
export function timestampedStore<K, V>(
  name: string,
  options: SharedStoreOptions<K, V>,
): StoreDeclaration<TimestampedStore<K, V>> {
  const what = `timestampedStore("${name}")`
  return declaration(what, 'timestamped', name, options, options.key)
}

/** Values by key and start of a window. */
export function windowStore<K, V>(
  name: string,
  options: RetainedStoreOptions<K, V>,
): StoreDeclaration<WindowedStore<K, V>> {
  const what = `windowStore("${name}")`
  const key = checkSerde(`the key serde of ${what}`, options.key)
  return declaration(what, 'windowed', name, options, pairKeys(key, orderedTime))
}

/** Values by key and session. */
export function sessionStore<K, V>(
  name: string,
  options: RetainedStoreOptions<K, V>,
): StoreDeclaration<SessionStore<K, V>> {
  const what = `sessionStore("${name}")`
  const key = checkSerde(`the key serde of ${what}`, options.key)
  return declaration(what, 'session', name, options, pairKeys(key, orderedSpan))
}

function declaration<K, V>(
  what: string,
  shape: SharedSpec['shape'],
  name: string,
  options: SharedStoreOptions<K, V> & { readonly retention?: Duration },
  key: Serde<unknown>,
): SharedSpec {
  checkLabel(what, name)
  const retained = shape === 'windowed' || shape === 'session' ? ['retention'] : []
  checkOptions(what, options, ['key', 'value', 'backend', 'changelog', ...retained])
  const { changelog } = options
  if (changelog === false && options.backend === 'lmdb') {
    throw refuse(
      'INVALID_ARGUMENT',
      `${what} has backend 'lmdb' and changelog false: files are kept up to a position of the ` +
        'changelog, so leave one of the two out',
    )
  }
  const store: StoreSpec = Object.freeze({
    name,
    key: checkSerde(`the key serde of ${what}`, key),
    value: checkSerde(`the value serde of ${what}`, options.value),
    backend: checkBackend(what, options.backend),
    changelog: checkChangelog(what, changelog),
    ordered: true as const,
    lends: true as const,
  })
  return Object.freeze({ kind: 'shared-store', shape, store, ttl: ttlOf(what, options.retention) })
}

function ttlOf(what: string, retention: Duration | undefined): SharedSpec['ttl'] {
  if (retention === undefined) return undefined
  const ttlMs = durationMs(retention, `retention of ${what}`)
  return Object.freeze({ ttlMs, refresh: 'write', show: 'never-expired', clock: 'event' })
}
