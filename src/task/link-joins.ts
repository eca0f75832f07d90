import { assert } from '../model/errors.ts'
import type { Serde } from '../serde/serde.ts'
import { Buffered } from '../operators/join/buffered.ts'
import { HeldBackStep } from '../operators/join/held-back.ts'
import { SelfJoinStep } from '../operators/join/self.ts'
import { type JoinPlace, StreamJoinStep } from '../operators/join/stream-stream.ts'
import type { Failures } from '../operators/failures.ts'
import type { StreamJoinSpec } from '../operators/spec.ts'
import type { Step } from '../operators/step.ts'
import type { Timed } from '../operators/timed.ts'
import type { EpochBuffer } from '../state/epoch-buffer.ts'
import type { ObjectColumn } from '../state/object-column.ts'
import { SequencedStore } from '../state/sequenced-store.ts'
import type { StoreSpec } from '../state/spec.ts'
import type { TimedStore } from '../state/timed-store.ts'
import type { ChainStores } from './chain-stores.ts'

export interface LinkedJoin {
  /** Where the records of each input enter. */
  readonly inputs: readonly Step[]
  readonly timed: Timed
  readonly stores: readonly EpochBuffer[]
}

export function linkStreamJoin(
  spec: StreamJoinSpec,
  stores: ChainStores,
  place: JoinPlace,
  failures: Failures,
  next: Step,
): LinkedJoin {
  const [left, right] = spec.stores.map((store) => timedOf(stores, store))
  assert(left !== undefined, 'a join of streams has a store')
  if (right === undefined) {
    const records = new Buffered(new SequencedStore(left), false)
    const step = new SelfJoinStep(spec, records, place, failures, next)
    return { inputs: [step], timed: step, stores: [left.buffer] }
  }
  const sides = {
    left: new Buffered(new SequencedStore(left), spec.side !== 'inner'),
    right: new Buffered(new SequencedStore(right), spec.side === 'outer'),
  }
  const step = new StreamJoinStep(spec, sides, place, failures, next)
  return { inputs: [step.left, step.right], timed: step, stores: [left.buffer, right.buffer] }
}

/** In front of a join of a stream with a table: records wait there until their time has passed. */
export function linkHeldBack(
  key: Serde<unknown>,
  store: TimedStore<ObjectColumn>,
  { partition }: JoinPlace,
  failures: Failures,
  next: Step,
): LinkedJoin {
  const step = new HeldBackStep(key, new SequencedStore(store), partition, failures, next)
  return { inputs: [step], timed: step, stores: [store.buffer] }
}

export function timedOf(stores: ChainStores, spec: StoreSpec): TimedStore<ObjectColumn> {
  const store = stores.of(spec)
  assert(store.kind === 'objects' && store.timed !== undefined, 'a join keeps records by time')
  return store.timed
}
