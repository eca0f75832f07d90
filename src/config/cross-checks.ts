/** What must hold between options; checked once, at start. */
import type { OptionName, Settings } from './option-table.ts'

export interface CrossCheck {
  readonly options: readonly OptionName[]
  /** What is wrong and what would be right, or undefined. */
  readonly problem: (settings: Settings) => string | undefined
}

function check(
  options: readonly OptionName[],
  holds: (settings: Settings) => boolean,
  rule: string,
): CrossCheck {
  return { options, problem: (settings) => (holds(settings) ? undefined : rule) }
}

export const crossChecks: readonly CrossCheck[] = [
  check(
    ['transactionTimeout', 'commitInterval'],
    (s) => s.transactionTimeout > s.commitInterval,
    'transactionTimeout must be longer than commitInterval, or the broker aborts every epoch',
  ),
  check(
    ['heartbeatInterval', 'sessionTimeout'],
    (s) => s.heartbeatInterval * 3 <= s.sessionTimeout,
    'heartbeatInterval must be at most a third of sessionTimeout, or one lost beat costs the tasks',
  ),
  check(
    ['rebalanceTimeout', 'commitInterval'],
    (s) => s.rebalanceTimeout > s.commitInterval,
    'rebalanceTimeout must be longer than commitInterval, for members commit before they rejoin',
  ),
  check(
    ['fetchWait', 'requestTimeout'],
    (s) => fetchWaitMs(s) < s.requestTimeout,
    'fetchWait must be shorter than requestTimeout, or waiting fetches time out',
  ),
  check(
    ['fetchPartitionBytesMax', 'fetchBytesMax'],
    (s) => s.fetchPartitionBytesMax <= s.fetchBytesMax,
    'fetchPartitionBytesMax must not be larger than fetchBytesMax',
  ),
  check(
    ['fetchBytesMax', 'fetchBufferBytesMax'],
    (s) => s.fetchBytesMax <= s.fetchBufferBytesMax,
    'fetchBytesMax must not be larger than fetchBufferBytesMax',
  ),
  check(
    ['sliceTime', 'heartbeatInterval'],
    (s) => s.sliceTime < s.heartbeatInterval,
    'sliceTime must be shorter than heartbeatInterval, or heart-beats come late',
  ),
]

/**
 * A steady trickle must not cost a round trip per record. Fetches end with the commit interval
 * (`Fetcher.wantedAfter`), so that longer holds delay nothing; in two of them, a worker does not
 * have to process all of an interval at its end.
 */
export function fetchWaitMs(settings: Settings): number {
  const half = Math.round(settings.commitInterval / 2)
  return settings.fetchWait ?? Math.min(250, Math.max(25, half))
}
