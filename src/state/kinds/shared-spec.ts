import type { StoreSpec } from '../spec.ts'
import type { TtlSpec } from './ttl.ts'

/** A store that operators name among their `stores`, and how they see it. */
export interface SharedSpec {
  readonly kind: 'shared-store'
  readonly shape: 'key-value' | 'timestamped' | 'windowed' | 'session'
  readonly store: StoreSpec
  /** Retention: entries have the time of their window, and go by the watermark. */
  readonly ttl: TtlSpec | undefined
}
