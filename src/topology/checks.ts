/**
 * Checks of what the author passed. TypeScript has checked most of it already, but `millrace run`
 * strips types without checking them, and JavaScript has none.
 */
import { type Duration, durationMs } from '../model/duration.ts'
import type { ErrorPolicy } from '../operators/spec.ts'
import type { Serde } from '../serde/serde.ts'
import type { StoreSpec } from '../state/spec.ts'
import { refuse } from './failures.ts'
import { checkTopic } from './names.ts'

/** Refuses options that the call does not know: a misspelt one would be ignored. */
export function checkOptions(what: string, options: object, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null) {
    throw refuse('INVALID_ARGUMENT', `${what} takes an object of options, not ${String(options)}`)
  }
  const unknown = Object.keys(options).find((name) => !known.includes(name))
  if (unknown === undefined) return
  throw refuse(
    'INVALID_ARGUMENT',
    `${what} does not know the option "${unknown}": it takes ${known.join(', ')}`,
  )
}

/** Refuses functions declared to answer later, too: their promises would be taken for values. */
export function checkFunction(what: string, fn: unknown): void {
  if (Object.prototype.toString.call(fn).startsWith('[object Async')) {
    throw refuse(
      'INVALID_ARGUMENT',
      `${what} needs a synchronous function: each record is processed at once; look things up ` +
        'before, or read them from a topic',
    )
  }
  if (typeof fn === 'function') return
  throw refuse(
    'INVALID_ARGUMENT',
    `${what} needs a function, not ${JSON.stringify(fn) ?? 'nothing'}`,
  )
}

/** @param which Names the serde in the error: `the key serde of count("words")`. */
export function checkSerde<T>(which: string, serde: Serde<T>): Serde<T> {
  if (typeof serde === 'function') {
    throw refuse('INVALID_ARGUMENT', `${which} is a function: call it, as in json<Order>()`)
  }
  const complete =
    typeof serde?.serialize === 'function' &&
    typeof serde.deserialize === 'function' &&
    typeof serde.name === 'string'
  if (complete) return serde
  throw refuse(
    'INVALID_ARGUMENT',
    `${which} is no serde: use string, int64, json(), …, or an object { name, serialize, ` +
      'deserialize }',
  )
}

export function checkPolicy(what: string, policy: ErrorPolicy | undefined): ErrorPolicy {
  if (policy === undefined) return 'fail'
  if (policy === 'fail' || policy === 'skip') return policy
  if (typeof policy === 'object' && policy !== null && 'deadLetter' in policy) {
    return Object.freeze({
      deadLetter: checkTopic(`the dead-letter topic of ${what}`, policy.deadLetter),
    })
  }
  throw refuse(
    'INVALID_ARGUMENT',
    `onError of ${what} is ${JSON.stringify(policy)}: write 'fail', 'skip' or { ` +
      `deadLetter: 'topic' }`,
  )
}

/** Answers the choice, or the first of the choices where none was made. */
export function checkChoice<T extends string>(
  what: string,
  choice: T | undefined,
  choices: readonly [T, ...T[]],
): T {
  if (choice === undefined) return choices[0]
  if (choices.includes(choice)) return choice
  throw refuse(
    'INVALID_ARGUMENT',
    `${what} is ${JSON.stringify(choice)}: write ${choices.map((c) => `'${c}'`).join(' or ')}`,
  )
}

export function checkPartitionCount(what: string, count: number | undefined): number | undefined {
  if (count === undefined || (Number.isInteger(count) && count >= 1 && count <= 100_000)) {
    return count
  }
  throw refuse(
    'INVALID_ARGUMENT',
    `partitions of ${what} is ${String(count)}: write an integer ≥ 1`,
  )
}

/** Kafka takes topic configurations as strings: `{ 'retention.ms': '86400000' }`. */
export function checkChangelog(
  what: string,
  changelog: StoreSpec['changelog'] | undefined,
): StoreSpec['changelog'] {
  if (changelog === false) return false
  const wrong = Object.entries(changelog ?? {}).find(([, value]) => typeof value !== 'string')
  if (wrong === undefined) return Object.freeze({ ...changelog })
  throw refuse(
    'INVALID_ARGUMENT',
    `changelog of ${what} sets "${wrong[0]}" to ${JSON.stringify(wrong[1])}: write the value as ` +
      'a string',
  )
}

/** @param from The least that it may be. */
export function checkMs(what: string, duration: Duration, from: 0 | 1): number {
  const ms = durationMs(duration, what)
  if (ms >= from && Number.isInteger(ms)) return ms
  const least = from === 0 ? '' : ', from 1'
  throw refuse('INVALID_ARGUMENT', `${what} is ${ms} ms: write whole ones${least}`)
}
