/** Joins of two streams. */
import type { Duration } from '../model/duration.ts'
import type { StreamJoinSpec } from '../operators/spec.ts'
import { joinables } from '../serde/joinable.ts'
import type { Serde } from '../serde/serde.ts'
import { checkFunction, checkMs, checkOptions, checkPolicy } from './checks.ts'
import type { Flow } from './draft.ts'
import { refuse } from './failures.ts'
import type { Joiner, StreamJoinOptions } from './options.ts'
import { checkKept, checkPartitioned } from './stored.ts'
import { waitingRecords } from './waiting-records.ts'

const joinOptions = ['within', 'grace', 'key', 'left', 'right', 'backend', 'changelog', 'onError']

/** Adds the join of two streams, with a store for the records of each. */
export function addStreamJoin<K, L, R, JL, JR, J>(
  call: 'join' | 'leftJoin' | 'outerJoin',
  name: string,
  flow: Flow,
  other: Flow,
  joiner: Joiner<K, JL, JR, J>,
  options: Partial<StreamJoinOptions<K, L, R>>,
): Flow {
  const { draft } = flow
  const what = draft.own(call, name)
  if (options.within === undefined) {
    throw refuse('INVALID_ARGUMENT', `${what} of two streams needs a distance: { within: '5m' }`)
  }
  checkOptions(what, options, joinOptions)
  checkFunction(`the joiner of ${what}`, joiner)
  checkSides(what, flow, other)
  const within = withinOf(what, options.within, options.grace ?? 0)
  const key = draft.choose('key', what, options.key, flow.key)
  checkKeys(what, key.serde, other)
  const left = draft.choose('value', what, options.left, flow.value)
  const right = draft.choose('value', what, options.right, other.value)
  const side = call === 'join' ? 'inner' : call === 'leftJoin' ? 'left' : 'outer'
  const kept = checkKept(what, options)
  const store = (of: string, value: Serde<unknown>, reachMs: number, noted: boolean) =>
    waitingRecords({
      name: of,
      key: key.serde,
      value: noted ? joinables(value) : value,
      kept,
      keptMs: reachMs + within.graceMs,
    })
  const { beforeMs, afterMs } = within
  const itself = side === 'inner' && isSame(flow, other)
  const stores = itself
    ? [store(name, left.serde, Math.max(beforeMs, afterMs), false)]
    : [
        store(nameOf(flow, what, name, 'left'), left.serde, afterMs, side !== 'inner'),
        store(nameOf(flow, what, name, 'right'), right.serde, beforeMs, side === 'outer'),
      ]
  const spec: StreamJoinSpec = Object.freeze({
    kind: 'stream-join',
    side,
    key: key.serde,
    within,
    stores: Object.freeze(stores),
    fn: joiner,
    onError: checkPolicy(what, options.onError),
  })
  const node = draft.next
  const edge = draft.add('', name, (label) => ({
    kind: 'operator',
    name: label,
    inputs: itself ? [flow.edge] : [flow.edge, other.edge],
    serdes: Object.freeze({ key: key.reason, value: left.reason, secondValue: right.reason }),
    spec,
  }))
  return { ...flow, edge, key: { serde: key.serde, node }, value: undefined }
}

type Within = StreamJoinOptions<unknown, unknown, unknown>['within']

function checkSides(what: string, flow: Flow, other: Flow): void {
  if (other.draft !== flow.draft) {
    throw refuse(
      'FOREIGN_STREAM',
      `${what} got a stream of another topology than "${flow.draft.application}"`,
    )
  }
  checkPartitioned(flow, what)
  checkPartitioned(other, what)
  if (flow.timed && other.timed) return
  throw refuse(
    'NO_EVENT_TIME',
    `${what} joins streams of which the ${flow.timed ? 'right' : 'left'} one has no watermark, ` +
      'so that nobody would know when its records can find no partner any more: give t.stream() ' +
      `the option watermark, as monotonous() or boundedOutOfOrderness('5s')`,
  )
}

/** Keys written in two ways are in different partitions, and not found. */
function checkKeys(what: string, key: Serde<unknown>, other: Flow): void {
  if (other.key === undefined || other.key.serde.name === key.name) return
  throw refuse(
    'NOT_CO_PARTITIONED',
    `${what} joins a stream with keys written by ${key.name} with one whose keys are written by ` +
      `${other.key.serde.name}: read both with the same key serde, or send one through ` +
      "repartition('name', { key: … }) with the other's",
  )
}

function withinOf(what: string, within: Within, grace: Duration): StreamJoinSpec['within'] {
  const isPair = typeof within === 'object' && within !== null
  if (isPair) checkOptions(`within of ${what}`, within, ['before', 'after'])
  const { before, after } = isPair ? within : { before: within, after: within }
  const whole = (duration: Duration, which: string) => checkMs(`${which} of ${what}`, duration, 0)
  return Object.freeze({
    beforeMs: whole(before, isPair ? 'before' : 'within'),
    afterMs: whole(after, isPair ? 'after' : 'within'),
    graceMs: whole(grace, 'grace'),
  })
}

function isSame(flow: Flow, other: Flow): boolean {
  return flow.edge.node === other.edge.node && flow.edge.port === other.edge.port
}

function nameOf({ draft }: Flow, what: string, name: string, side: 'left' | 'right'): string {
  draft.own(what.slice(0, what.indexOf('(')), `${name}-${side}`)
  return `${name}-${side}`
}
