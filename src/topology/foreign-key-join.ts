import type { ErasedRowFn, RowJoiner } from '../operators/table/spec.ts'
import { isAnswer, answers, subscriptionKeys, subscriptions } from '../serde/subscriptions.ts'
import type { StoreSpec } from '../state/spec.ts'
import { checkFunction, checkOptions, checkPolicy } from './checks.ts'
import type { TableFlow } from './draft.ts'
import { refuse } from './failures.ts'
import type { Edge } from './nodes.ts'
import type { ForeignKeyOptions } from './options.ts'
import { storeOf, tableFlow } from './stored.ts'

interface TablePair {
  readonly call: 'join' | 'leftJoin'
  readonly left: TableFlow
  readonly right: TableFlow
}

interface Functions {
  readonly foreignKeyOf: ErasedRowFn<unknown>
  readonly fn: RowJoiner
}

const options = ['foreignKey', 'joiner', 'onError', 'value', 'backend', 'changelog']

/**
 * Adds a foreign-key join: subscriptions go to the tasks of the other table through the topic
 * `<application>-<name>-subscriptions-repartition`, and answers come back through
 * `<application>-<name>-answers-repartition`.
 */
export function addForeignKeyJoin<K, V, T, FK, J>(
  { call, left, right }: TablePair,
  name: string,
  given: ForeignKeyOptions<K, V, T, FK, J>,
  { foreignKeyOf, fn }: Functions,
): TableFlow {
  const { draft } = left
  const what = draft.own(call, name)
  checkOptions(what, given, options)
  checkFunction(`foreignKey of ${what}`, foreignKeyOf)
  checkFunction(`the joiner of ${what}`, fn)
  if (right.draft !== draft) {
    throw refuse(
      'FOREIGN_STREAM',
      `${what} got the ${right.what} of another topology than "${draft.application}"`,
    )
  }
  const onError = checkPolicy(what, given.onError)
  const join = call === 'join' ? ('inner' as const) : ('left' as const)
  const value = draft.choose('value', what, undefined, left.value).serde
  const parts = { what, name, onError, join, value, foreignKeyOf, fn }
  const subscribed = addSubscribe(parts, left, right)
  const answered = addAnswers(parts, left, right, subscribed)
  const answer = draft.add(`${name}-join`, undefined, (label) => ({
    kind: 'operator',
    name: label,
    inputs: [answered],
    lookups: [left.edge],
    spec: Object.freeze({
      kind: 'foreign-key-join',
      join,
      left: Object.freeze({ key: left.key.serde, store: left.store }),
      value,
      fn,
      onError,
    }),
  }))
  const stored = storeOf(
    left,
    what,
    name,
    given,
    draft.choose('value', what, given.value, undefined),
  )
  const results = Object.freeze({ node: subscribed.node, port: 1 })
  return tableFlow({ ...left, timed: left.timed || right.timed }, name, stored, (label) => ({
    kind: 'operator',
    name: label,
    inputs: [answer, results],
    serdes: stored.serdes,
    spec: Object.freeze({ kind: 'foreign-key-result', store: stored.store }),
  }))
}

interface Parts extends Functions {
  readonly what: string
  readonly name: string
  readonly onError: ReturnType<typeof checkPolicy>
  readonly join: 'inner' | 'left'
  readonly value: StoreSpec['value']
}

function addSubscribe(parts: Parts, left: TableFlow, right: TableFlow): Edge {
  const { name, onError, join, value, foreignKeyOf, fn } = parts
  const spec = Object.freeze({
    kind: 'foreign-key-subscribe' as const,
    join,
    foreignKeyOf,
    fn,
    key: left.key.serde,
    value,
    foreignKey: right.key.serde,
    onError,
  })
  return left.draft.add(`${name}-subscribe`, undefined, (label) => ({
    kind: 'operator',
    name: label,
    inputs: [left.edge],
    spec,
  }))
}

/** The other table's side, between the two topics. */
function addAnswers(
  { what, name, onError }: Parts,
  left: TableFlow,
  right: TableFlow,
  subscribed: Edge,
): Edge {
  const { draft } = left
  const [key, foreignKey] = [left.key.serde, right.key.serde]
  const fixed = Object.freeze({ kind: 'fixed' as const })
  const topic = (
    part: string,
    inputs: readonly Edge[],
    serdes: Pick<StoreSpec, 'key' | 'value'>,
    partitioner?: (value: unknown) => number,
  ): Edge => {
    const named = `${name}-${part}`
    draft.own(`the ${part} of ${what.replace(/\(.*/s, '')}`, named)
    return draft.add('', named, (label) => ({
      kind: 'repartition',
      name: label,
      inputs,
      serdes: Object.freeze({ key: fixed, value: fixed }),
      ...serdes,
      partitions: undefined,
      partitioner,
      onError,
    }))
  }
  const store: StoreSpec = Object.freeze({
    name: `${name}-subscriptions`,
    key: subscriptionKeys(foreignKey, key),
    value: subscriptions,
    backend: undefined,
    changelog: Object.freeze({}),
    ordered: true,
  })
  const arrived = topic('subscriptions', [subscribed], { key: foreignKey, value: subscriptions })
  const kept = draft.add(`${name}-subscriptions-store`, undefined, (label) => ({
    kind: 'operator',
    name: label,
    inputs: [arrived],
    lookups: [right.edge],
    serdes: Object.freeze({ key: fixed, value: fixed }),
    spec: Object.freeze({
      kind: 'foreign-key-subscriptions',
      store,
      other: Object.freeze({ key: foreignKey, store: right.store }),
      key,
    }),
  }))
  const changed = draft.add(`${name}-rows`, undefined, (label) => ({
    kind: 'operator',
    name: label,
    inputs: [right.edge],
    lookups: [kept],
    spec: Object.freeze({ kind: 'foreign-key-rows', subscriptions: store, foreignKey, key }),
  }))
  const row = draft.choose('value', what, undefined, right.value).serde
  return topic('answers', [kept, changed], { key, value: answers(row) }, partitionOf)
}

/** An answer goes to the task that asked, however the left table's topic is partitioned. */
function partitionOf(answer: unknown): number {
  return isAnswer(answer) ? answer.partition : -1
}
