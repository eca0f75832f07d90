/** Everything that users of Millrace write with. Test kits are in `millrace/testing`. */
export type { App, AppEvents, AppState } from './app/app.ts'
export type { StoreOwner } from './app/router.ts'
export type { RoutedStore } from './app/stores.ts'
export type { Duration } from './model/duration.ts'
export { type ErrorDomain, type ErrorPlace, type Recovery, StreamError } from './model/errors.ts'
export type { Windowed } from './model/windowed.ts'
export type { Header } from './model/record.ts'
export type { Size } from './model/size.ts'
export type { RecordContext } from './operators/record.ts'
export type { OutputTag } from './operators/output-tag.ts'
export type {
  BroadcastContext,
  KeyedContext,
  ProcessContext,
  Punctuation,
  RecordsContext,
  StoreDeclaration,
  Timer,
  Timers,
  ValuesContext,
} from './operators/process/contexts.ts'
export type { Emit, ErrorPolicy, WindowEmit } from './operators/spec.ts'
export type { Entry, QueryOptions, RangeOptions, StoreQuery } from './query/typed-store.ts'
export type { WindowBounds } from './query/typed-store.ts'
export { json, type JsonSchema } from './serde/json.ts'
export { bigint64, double, int32, int64 } from './serde/numbers.ts'
export { boolean, bytes } from './serde/plain.ts'
export type { Serde } from './serde/serde.ts'
export type { WriteTarget } from './serde/target.ts'
export { string, uuid } from './serde/text.ts'
export { start, type StartOptions } from './start.ts'
export type {
  AggregatingState,
  ListState,
  MapState,
  ReadMapState,
  ReducingState,
  ValueState,
} from './state/kinds/handles.ts'
export type {
  KeyValueStore,
  ScanOrder,
  Session,
  SessionStore,
  Timestamped,
  TimestampedStore,
  WindowedStore,
} from './state/kinds/shared-handles.ts'
export type { WatermarkSpec } from './time/spec.ts'
export type { TopologyBuilder } from './topology/builder.ts'
export type { GroupedTable } from './topology/grouped-table.ts'
export type {
  CogroupedStream,
  SessionWindowedCogroupedStream,
  WindowedCogroupedStream,
} from './topology/cogrouped-stream.ts'
export type { Selector } from './topology/folds.ts'
export type { GlobalTable } from './topology/global-table.ts'
export type { KeyedStream } from './topology/keyed-stream.ts'
export {
  type BroadcastDeclaration,
  type BroadcastDeclarations,
  broadcastState,
} from './topology/process/broadcast-state.ts'
export type {
  BroadcastProcessOptions,
  BroadcastStream,
  ConnectedBroadcast,
  ConnectedProcessOptions,
  ConnectedStreams,
} from './topology/process/connected.ts'
export type { Topology } from './topology/nodes.ts'
export type {
  AggregateOptions,
  ChosenSinkOptions,
  ForeignKeyOptions,
  GlobalJoinOptions,
  GlobalTableOptions,
  GroupOptions,
  Joiner,
  JoinOptions,
  OperatorOptions,
  RecordFn,
  RepartitionOptions,
  RowFn,
  RowOptions,
  RetractAggregateOptions,
  RetractReduceOptions,
  SessionAggregateOptions,
  SinkOptions,
  SuppressOptions,
  StoreOptions,
  StreamJoinOptions,
  StreamOptions,
  TableOptions,
  TopologyDefaults,
  ValueStoreOptions,
  WindowedAggregateOptions,
  WindowedStoreOptions,
  WindowedValueStoreOptions,
  WindowOptions,
} from './topology/options.ts'
export type {
  KeyedOptions,
  KeyedProcessOptions,
  ProcessingOptions,
  RecordsProcessOptions,
  ValuesProcessOptions,
} from './topology/process/options.ts'
export {
  keyValueStore,
  type RetainedStoreOptions,
  sessionStore,
  type SharedStoreOptions,
  timestampedStore,
  windowStore,
} from './topology/process/stores.ts'
export { outputTag } from './topology/process/output-tag.ts'
export {
  aggregatingState,
  type AggregatingOptions,
  listState,
  mapState,
  reducingState,
  type StateDeclaration,
  type StateDeclarations,
  type StateOptions,
  type StatesOf,
  valueState,
} from './topology/process/states.ts'
export type { SessionWindowedStream } from './topology/session-windowed-stream.ts'
export { type Suppression, untilTimeLimit, untilWindowCloses } from './topology/suppress.ts'
export type { Branches, BranchStreams, Predicate } from './topology/split.ts'
export type { Stream } from './topology/stream.ts'
export type { Table } from './topology/table.ts'
export { topology } from './topology/topology.ts'
export type { WindowedStream } from './topology/windowed-stream.ts'
export {
  hopping,
  session,
  sessionWindowed,
  type SessionWindows,
  sliding,
  type SlidingWindows,
  type TimeWindows,
  tumbling,
  windowed,
} from './topology/windows.ts'
export { boundedOutOfOrderness, monotonous, none, punctuated } from './topology/watermarks.ts'
