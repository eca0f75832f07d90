import { assert } from '../model/errors.ts'
import type { Failures } from '../operators/failures.ts'
import type { JoinPlace } from '../operators/join/stream-stream.ts'
import type { SessionAggregateSpec, SlidingAggregateSpec, SuppressSpec } from '../operators/spec.ts'
import type { Step } from '../operators/step.ts'
import { SessionAggregateStep } from '../operators/window/session.ts'
import { SlidingAggregateStep } from '../operators/window/sliding.ts'
import { SuppressStep } from '../operators/window/suppress.ts'
import { KeyedTimes } from '../state/keyed-times.ts'
import type { ObjectColumn } from '../state/object-column.ts'
import { SessionStore } from '../state/session-store.ts'
import type { TimedStore } from '../state/timed-store.ts'
import type { ChainStore } from './chain-stores.ts'

export function linkSliding(
  spec: SlidingAggregateSpec,
  store: ChainStore,
  place: JoinPlace,
  failures: Failures,
  next: Step,
  sendsOld: boolean,
): SlidingAggregateStep {
  const windows = new KeyedTimes(timedOf(store), 0)
  return new SlidingAggregateStep(spec, windows, place, failures, next, sendsOld)
}

export function linkSuppress(
  spec: SuppressSpec,
  store: ChainStore,
  place: JoinPlace,
  failures: Failures,
  next: Step,
): SuppressStep {
  return new SuppressStep(spec, new KeyedTimes(timedOf(store), 0), place, failures, next)
}

export function linkSessions(
  spec: SessionAggregateSpec,
  store: ChainStore,
  place: JoinPlace,
  failures: Failures,
  next: Step,
  sendsOld: boolean,
): SessionAggregateStep {
  const sessions = new SessionStore(timedOf(store))
  return new SessionAggregateStep(spec, sessions, place, failures, next, sendsOld)
}

function timedOf(store: ChainStore): TimedStore<ObjectColumn> {
  assert(store.kind === 'objects' && store.timed !== undefined, 'these windows are kept by time')
  return store.timed
}
