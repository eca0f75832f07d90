/** Changes of a table that are kept back. */
import { type Duration, durationMs } from '../model/duration.ts'
import { parseSize, type Size } from '../model/size.ts'
import type { SuppressSpec } from '../operators/spec.ts'
import { heldValues } from '../serde/held.ts'
import { timeBytes, timedKeys } from '../serde/timed.ts'
import { checkChoice, checkOptions } from './checks.ts'
import type { Flow, TableFlow } from './draft.ts'
import { refuse } from './failures.ts'
import type { SuppressOptions } from './options.ts'
import { checkKept } from './stored.ts'

/** Until when changes are kept back: `untilTimeLimit('10s')` or `untilWindowCloses()`. */
export type Suppression =
  | { readonly kind: 'time-limit'; readonly limitMs: number }
  | { readonly kind: 'window-closes' }

/**
 * The last change of a key is told when this time has passed since the first one that was kept
 * back.
 * @throws StreamError `INVALID_DURATION`
 */
export function untilTimeLimit(limit: Duration): Suppression {
  const limitMs = durationMs(limit, 'the limit of untilTimeLimit()')
  return Object.freeze({ kind: 'time-limit', limitMs: Math.ceil(limitMs) })
}

/** The last change of a window or session is told when it has closed, and none before. */
export function untilWindowCloses(): Suppression {
  return Object.freeze({ kind: 'window-closes' })
}

export function addSuppress<V>(
  table: TableFlow,
  name: string,
  suppression: Suppression,
  options: SuppressOptions<V>,
): Flow {
  const { draft } = table
  const what = draft.own('suppress', name)
  checkOptions(what, options, [
    'maxRecords',
    'maxBytes',
    'whenFull',
    'value',
    'backend',
    'changelog',
  ])
  const until = untilOf(what, table, suppression)
  const whenFull = checkChoice(`whenFull of ${what}`, options.whenFull, ['stop', 'emit'])
  if (until.kind === 'window-closes' && whenFull === 'emit') {
    throw refuse(
      'INVALID_ARGUMENT',
      `${what} tells windows when they close, so whenFull: 'emit' would tell them before: leave it`,
    )
  }
  const key = table.key.serde
  const value = draft.choose('value', what, options.value, table.value)
  const store = Object.freeze({
    name,
    key: timedKeys(key),
    value: heldValues(value.serde),
    ...checkKept(what, options),
    ordered: true as const,
    times: Object.freeze({
      bytesBehind: timeBytes,
      keptMs: until.kind === 'time-limit' ? until.limitMs : 0,
    }),
  })
  const spec: SuppressSpec = Object.freeze({
    kind: 'suppress',
    until,
    recordsMax: recordsOf(what, options.maxRecords),
    bytesMax: bytesOf(what, options.maxBytes),
    whenFull,
    key,
    store,
    onError: 'fail',
  })
  const node = draft.next
  const edge = draft.add('', name, (label) => ({
    kind: 'operator',
    name: label,
    inputs: [table.edge],
    serdes: Object.freeze({
      key: { kind: 'follows' as const, node: table.key.node },
      value: value.reason,
    }),
    spec,
  }))
  const { rekeyedBy, timed } = table
  return {
    draft,
    edge,
    key: table.key,
    value: { serde: value.serde, node },
    rekeyedBy,
    timed,
  }
}

function untilOf(what: string, table: TableFlow, suppression: Suppression): SuppressSpec['until'] {
  if (!table.timed) {
    throw refuse(
      'NO_EVENT_TIME',
      `${what} follows sources that give no watermark, so that nothing would ever be told: give ` +
        't.stream() or t.table() the option watermark, as monotonous()',
    )
  }
  if (suppression?.kind === 'time-limit') return suppression
  if (suppression?.kind !== 'window-closes') {
    throw refuse('INVALID_ARGUMENT', `${what} needs untilTimeLimit('10s') or untilWindowCloses()`)
  }
  const { closesAfterEndMs } = table
  if (closesAfterEndMs !== undefined) {
    return Object.freeze({ kind: 'window-closes', afterEndMs: closesAfterEndMs })
  }
  throw refuse(
    'INVALID_ARGUMENT',
    `${what} waits for windows to close, and ${table.what} has none: use untilTimeLimit('10s')`,
  )
}

function recordsOf(what: string, max: number | undefined): number {
  if (max === undefined) return Number.POSITIVE_INFINITY
  if (Number.isInteger(max) && max >= 1) return max
  throw refuse('INVALID_ARGUMENT', `maxRecords of ${what} is ${String(max)}: write an integer ≥ 1`)
}

function bytesOf(what: string, max: Size | undefined): number {
  if (max === undefined) return Number.POSITIVE_INFINITY
  const bytes = parseSize(max)
  if (bytes !== undefined && bytes >= 1) return bytes
  throw refuse(
    'INVALID_ARGUMENT',
    `maxBytes of ${what} is ${JSON.stringify(max)}: write bytes from 1, or a size as '64MiB'`,
  )
}
