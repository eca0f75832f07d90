import { joins } from './joins.ts'
import { streams } from './streams.ts'
import { tables } from './tables.ts'
import type { Build, Twins } from './text.ts'
import { windows } from './windows.ts'

export interface Twin {
  readonly build: Build
  /**
   * What is compared: what comes of `each` record, or that in any order, where one record changes
   * several `windows`; `all` that came in the end, in any order, where
   * both say it once and at their own time; the `changes`, where Kafka Streams also says deletions
   * of rows that it never said, or says again at once; `rows`, the same whenever they were deleted.
   */
  readonly compare: 'each' | 'windows' | 'all' | 'changes' | 'rows'
  readonly lateMs: number
  readonly empty: boolean
  readonly nullKeys: boolean
  readonly nullValues: boolean
}

/** Null values are left out of windows, as of other aggregations; there only of the others. */
const withValues = Object.keys(windows)

/** Final results come when a window closes: here the watermark's 1 ms later. */
const once = [
  'tumbling-final',
  'hopping-final',
  'session-final',
  'tumbling-suppressed',
  'suppress-time',
  'stream-left-join',
  'stream-outer-join',
]

/**
 * Emit on change: a row that was not there is not deleted (docs/tables.md), nor a session whose
 * bounds stay.
 */
const silent = [
  'table-filter',
  'table-filter-not',
  'table-filter-stored',
  'session-count',
  'session-grace',
  'session-aggregate',
]

/** A row that is deleted has its result deleted at its own time, not at that of the other row. */
const deletedAtOnce = ['foreign-key-join']

/**
 * What comes later than grace allows is dropped here; there it is joined with what a store happens
 * to have still, and reopens sessions whose final result was told.
 */
const inTime = [
  'stream-join',
  'stream-join-asymmetric',
  'stream-left-join',
  'stream-outer-join',
  'self-join',
  'session-final',
  'sliding-count',
  'sliding-aggregate',
]
const graceMs = 1_000

/** There a right value without bytes counts as none (SubscriptionResponseWrapperSerde). */
const withBytes = ['foreign-key-join', 'foreign-key-left-join']

/** What has no key or value moves the watermark here; there it is left out first. */
const withAll = ['stream-table-join-grace', 'stream-table-left-join-grace']

/** Millrace topologies, by the names of their twins in ParityTopologies.java. */
export const twins: ReadonlyMap<string, Twin> = new Map(
  Object.entries<Build>({ ...streams, ...windows, ...tables, ...joins } satisfies Twins).map(
    ([name, build]) => [
      name,
      {
        build,
        compare: comparisonOf(name),
        lateMs: inTime.includes(name) ? graceMs : 7_000,
        empty: !withBytes.includes(name),
        nullKeys: !withAll.includes(name),
        nullValues: !withValues.includes(name) && !withAll.includes(name),
      },
    ],
  ),
)

function comparisonOf(name: string): Twin['compare'] {
  if (once.includes(name)) return 'all'
  if (silent.includes(name)) return 'changes'
  if (name.startsWith('sliding-')) return 'windows'
  return deletedAtOnce.includes(name) ? 'rows' : 'each'
}
