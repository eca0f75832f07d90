import { assert } from '../model/errors.ts'
import type { Failures } from '../operators/failures.ts'
import type { JoinPlace } from '../operators/join/stream-stream.ts'
import type { SessionAggregateSpec } from '../operators/spec.ts'
import type { Step } from '../operators/step.ts'
import { SessionAggregateStep } from '../operators/window/session.ts'
import { SessionStore } from '../state/session-store.ts'
import type { ChainStore } from './chain-stores.ts'

export function linkSessions(
  spec: SessionAggregateSpec,
  store: ChainStore,
  place: JoinPlace,
  failures: Failures,
  next: Step,
  sendsOld: boolean,
): SessionAggregateStep {
  assert(store.kind === 'objects' && store.timed !== undefined, 'sessions are kept by time')
  const sessions = new SessionStore(store.timed)
  return new SessionAggregateStep(spec, sessions, place, failures, next, sendsOld)
}
