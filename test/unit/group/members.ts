/** Members as test data. */
import type { Subscription } from '../../../src/group/subscription.ts'

export function member(
  process: string,
  slot: number,
  more: Partial<Subscription> = {},
): Subscription {
  return {
    process,
    slot,
    transactionalId: `counts-${process}-${slot}`,
    fingerprint: 'f1',
    sequence: 1,
    owned: [],
    promised: [],
    stored: [],
    standby: [],
    endpoint: '',
    tags: [],
    failure: '',
    roster: [],
    rosterComplete: false,
    ...more,
  }
}
