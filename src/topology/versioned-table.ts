import { type Duration, durationMs } from '../model/duration.ts'
import type { Emit } from '../operators/spec.ts'
import type { VersionedTableSpec } from '../operators/table/spec.ts'
import { versionKeys, versions } from '../serde/versions.ts'
import type { StoreBackend, StoreSpec } from '../state/spec.ts'
import type { ChosenSerde, Flow, TableFlow } from './draft.ts'
import { refuse } from './failures.ts'
import { storedTable } from './stored.ts'

interface Given {
  readonly versioned: Duration
  readonly emit: Emit | undefined
  readonly backend: StoreBackend | undefined
}

/** Adds a table of a topic that knows what its rows were. */
export function addVersionedTable(
  flow: Flow,
  call: string,
  { name, topic }: { readonly name: string; readonly topic: string },
  { versioned, emit, backend }: Given,
  { key, value }: { readonly key: ChosenSerde; readonly value: ChosenSerde },
): TableFlow {
  if (emit !== undefined && emit !== 'update') {
    throw refuse(
      'INVALID_ARGUMENT',
      `${call} is versioned: it tells each update, so leave emit out`,
    )
  }
  const store: StoreSpec = Object.freeze({
    name,
    key: versionKeys(key.serde),
    value: versions(value.serde),
    backend,
    changelog: Object.freeze({}),
    ordered: true,
  })
  const spec: VersionedTableSpec = Object.freeze({
    kind: 'versioned-table',
    topic,
    key: key.serde,
    store,
    retentionMs: durationMs(versioned, `versioned of ${call}`),
    onError: 'fail',
  })
  const serdes = Object.freeze({ key: key.reason, value: value.reason })
  const node = flow.draft.next
  const table = storedTable(flow, name, { store, serdes }, spec)
  // What comes out, and is looked up, is by key alone.
  return { ...table, key: { serde: key.serde, node }, value: { serde: value.serde, node } }
}
