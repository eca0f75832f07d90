/** What may go wrong. Each run draws which of these do, and how often. */
export const faultKinds = [
  /** A request is lost before the broker sees it; the connection breaks or goes silent. */
  'lose-request',
  /** The broker acts, and its answer is lost. */
  'lose-reply',
  /** The broker acts, and is away before it has answered; nobody takes its place. */
  'outage-at-effect',
  /** A request or its answer takes up to seconds; what follows on that connection waits. */
  'delay',
  /** A connection breaks with all that is under way on it. */
  'reset',
  /** The broker refuses for a while: not the leader, not the coordinator, still loading, busy. */
  'refuse',
  /** The broker acts, and answers with an error. */
  'error-after-effect',
  /** The broker acts, and answers with a code that is in no table. */
  'unknown-code',
  /** The process dies right before a request leaves, right after, or when an answer comes. */
  'crash-at-effect',
  /**
   * The same right before a request leaves; sometimes all others start again meanwhile, so that
   * nobody remembers it.
   */
  'pause-at-effect',
  /** The process dies at any time, and comes back soon or late. */
  'kill',
  /** The machine goes down: changes of local stores that were not synced are lost. */
  'power-cut',
  /** The state directory is lost. */
  'lost-disk',
  /**
   * The process stands still, up to longer than its session and its transaction live; sometimes its
   * machine is suspended, so that its clocks and timers stand still as well.
   */
  'pause',
  /** The wall clock of a process jumps. */
  'clock-jump',
  /** Workers come and go in quick succession. */
  'storm',
  /** A worker stops as asked, and comes back. */
  'stop',
  /** Partitions get another leader. */
  'move-leader',
  /** The group or a transactional id gets another coordinator. */
  'move-coordinator',
  /** A broker is away for a while; others lead meanwhile, or nobody. */
  'broker-restart',
  /** Fetches take long. */
  'slow-fetch',
  /** All answers of one broker take long. */
  'throttle',
] as const

export type FaultKind = (typeof faultKinds)[number]

/** A fault that happened: its number in the run tells it apart for `without`. */
export interface Fault {
  readonly number: number
  readonly kind: FaultKind
  readonly atMs: number
  /** Which worker or broker. */
  readonly who: string
  /** Which request, and how. */
  readonly what: string
}
