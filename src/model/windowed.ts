/** A key in a window: what the tables of windowed aggregations are keyed by. */
export interface Windowed<K> {
  readonly key: K
  /** Milliseconds since 1970. */
  readonly start: number
  /** The first millisecond after the window; of a session the time of its last record. */
  readonly end: number
}
