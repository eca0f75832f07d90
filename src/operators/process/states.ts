import { assertNever } from '../../model/errors.ts'
import type { EpochBuffer } from '../../state/epoch-buffer.ts'
import type { CallJournal } from '../../state/kinds/call-journal.ts'
import { AggregatingCell, ReducingCell } from '../../state/kinds/folded-cell.ts'
import type { KeyCursor } from '../../state/kinds/key-cursor.ts'
import { KeyedEntry } from '../../state/kinds/keyed-entry.ts'
import { ListCell, TimedListCell } from '../../state/kinds/list-cell.ts'
import { MapCell } from '../../state/kinds/map-cell.ts'
import type { Moment } from '../../state/kinds/moment.ts'
import { StateEntries } from '../../state/kinds/state-entries.ts'
import { Lifetime } from '../../state/kinds/ttl.ts'
import { ValueCell } from '../../state/kinds/value-cell.ts'
import type { ObjectColumn } from '../../state/object-column.ts'
import type { StoreSpec } from '../../state/spec.ts'
import type { DeclaredState } from './spec.ts'

export type ObjectStores = (store: StoreSpec) => EpochBuffer<ObjectColumn>

export interface StateParts {
  readonly stores: ObjectStores
  readonly cursor: KeyCursor
  readonly moment: Moment
  readonly journal: CallJournal | undefined
}

/** What a process function holds of its states, by their names. */
export function openStates(
  declared: readonly DeclaredState[],
  parts: StateParts,
): Readonly<Record<string, unknown>> {
  return Object.freeze(
    Object.fromEntries(declared.map((state) => [state.name, openState(state, parts)])),
  )
}

function openState({ spec, store }: DeclaredState, parts: StateParts): unknown {
  const { cursor, moment, journal } = parts
  const lifetime = new Lifetime(spec.ttl, moment)
  const entries = new StateEntries(parts.stores(store), lifetime, journal)
  const entry = new KeyedEntry(entries, cursor)
  switch (spec.kind) {
    case 'value':
      return new ValueCell(entry)
    case 'list':
      return spec.ttl === undefined ? new ListCell(entry) : new TimedListCell(entry, lifetime)
    case 'map':
      return new MapCell(entries, cursor, spec)
    case 'reducing':
      return new ReducingCell(entry, spec)
    case 'aggregating':
      return new AggregatingCell(entry, spec)
    default:
      return assertNever(spec)
  }
}
