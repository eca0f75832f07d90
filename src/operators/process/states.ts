import { assertNever } from '../../model/errors.ts'
import type { EpochBuffer } from '../../state/epoch-buffer.ts'
import { BroadcastCell, type BroadcastTurn } from '../../state/kinds/broadcast-cell.ts'
import type { CallJournal } from '../../state/kinds/call-journal.ts'
import { AggregatingCell, ReducingCell } from '../../state/kinds/folded-cell.ts'
import type { KeyCursor } from '../../state/kinds/key-cursor.ts'
import { KeyedEntry } from '../../state/kinds/keyed-entry.ts'
import { ListCell, TimedListCell } from '../../state/kinds/list-cell.ts'
import { MapCell } from '../../state/kinds/map-cell.ts'
import type { Moment } from '../../state/kinds/moment.ts'
import type { StateSpec } from '../../state/kinds/spec.ts'
import {
  KeyValueCell,
  SessionCell,
  TimestampedCell,
  WindowedCell,
} from '../../state/kinds/shared-cells.ts'
import type { SharedSpec } from '../../state/kinds/shared-spec.ts'
import { StateEntries } from '../../state/kinds/state-entries.ts'
import { Lifetime } from '../../state/kinds/ttl.ts'
import { ValueCell } from '../../state/kinds/value-cell.ts'
import { Sweeper } from '../../state/kinds/sweeper.ts'
import type { ObjectColumn } from '../../state/object-column.ts'
import type { StoreSpec } from '../../state/spec.ts'
import type { DeclaredBroadcast, DeclaredState } from './spec.ts'

/** The stores of a task. */
export interface ObjectStores {
  of(store: StoreSpec): EpochBuffer<ObjectColumn>
}

export interface StateParts {
  readonly stores: ObjectStores
  readonly cursor: KeyCursor
  readonly moment: Moment
  readonly journal: CallJournal | undefined
}

/** What functions hold of the stores that their operator shares, by the stores' names. */
export function openShared(
  shared: readonly SharedSpec[],
  parts: StateParts,
): { readonly handles: ReadonlyMap<string, unknown>; readonly sweepers: readonly Sweeper[] } {
  const handles = new Map<string, unknown>()
  const sweepers: Sweeper[] = []
  for (const { shape, store, ttl } of shared) {
    const lifetime = new Lifetime(ttl, parts.moment)
    const entries = new StateEntries(parts.stores.of(store), lifetime, parts.journal)
    handles.set(store.name, sharedOf(shape, entries, parts.moment))
    if (ttl !== undefined) sweepers.push(new Sweeper(entries))
  }
  return { handles, sweepers }
}

function sharedOf(shape: SharedSpec['shape'], entries: StateEntries, moment: Moment): unknown {
  switch (shape) {
    case 'key-value':
      return new KeyValueCell(entries)
    case 'timestamped':
      return new TimestampedCell(entries, moment)
    case 'windowed':
      return new WindowedCell(entries)
    case 'session':
      return new SessionCell(entries)
    default:
      return assertNever(shape)
  }
}

/** The broadcast states of an operator, by their names. */
export function openBroadcast(
  declared: readonly DeclaredBroadcast[],
  parts: StateParts,
  turn: BroadcastTurn,
): Readonly<Record<string, unknown>> {
  const handles: Record<string, unknown> = {}
  for (const { name, store } of declared) {
    const lifetime = new Lifetime(undefined, parts.moment)
    const entries = new StateEntries(parts.stores.of(store), lifetime, parts.journal)
    handles[name] = new BroadcastCell(entries, turn)
  }
  return Object.freeze(handles)
}

export interface OpenStates {
  /** What a process function holds of them, by their names. */
  readonly handles: Readonly<Record<string, unknown>>
  /** Of those that have a time to live. */
  readonly sweepers: readonly Sweeper[]
}

export function openStates(declared: readonly DeclaredState[], parts: StateParts): OpenStates {
  const handles: Record<string, unknown> = {}
  const sweepers: Sweeper[] = []
  for (const state of declared) {
    const { spec, store, name } = state
    const lifetime = new Lifetime(spec.ttl, parts.moment)
    const entries = new StateEntries(parts.stores.of(store), lifetime, parts.journal)
    handles[name] = handleOf(spec, entries, parts.cursor)
    if (spec.ttl !== undefined) sweepers.push(new Sweeper(entries))
  }
  return { handles: Object.freeze(handles), sweepers }
}

function handleOf(spec: StateSpec, entries: StateEntries, cursor: KeyCursor): unknown {
  const entry = new KeyedEntry(entries, cursor)
  switch (spec.kind) {
    case 'value':
      return new ValueCell(entry)
    case 'list':
      return spec.ttl === undefined
        ? new ListCell(entry)
        : new TimedListCell(entry, entries.lifetime)
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
