/** What a group's error codes mean to a member. */
import { StreamError } from '../../../model/errors.ts'
import { errorCode, kafkaError, recoveryOf } from '../../protocol/error-codes.ts'

export type Verdict =
  | 'ok'
  /** The same again, after a pause. */
  | 'retry'
  /** Find the coordinator first. */
  | 'refresh'
  /** A new round has begun; the member still belongs to the group. */
  | 'rebalance'
  /** JoinGroup with the id from the answer. */
  | 'named'
  /** The group does not have this member id any more. */
  | 'expelled'
  /** The group went on to another generation without this member; its id may still be known. */
  | 'outdated'
  /** Another process has the instance id. */
  | 'instance-fenced'
  | 'fatal'

const special: ReadonlyMap<number, Verdict> = new Map([
  [0, 'ok'],
  [errorCode('REBALANCE_IN_PROGRESS'), 'rebalance'],
  [errorCode('MEMBER_ID_REQUIRED'), 'named'],
  [errorCode('UNKNOWN_MEMBER_ID'), 'expelled'],
  [errorCode('ILLEGAL_GENERATION'), 'outdated'],
  [errorCode('FENCED_INSTANCE_ID'), 'instance-fenced'],
])

/**
 * Codes without a meaning of their own here follow the error table; what that does not know is
 * fatal.
 */
export function judge(code: number): Verdict {
  const known = special.get(code)
  if (known !== undefined) return known
  const recovery = recoveryOf(code)
  return recovery === 'retry' || recovery === 'refresh' ? recovery : 'fatal'
}

/** The error to report for a code. */
export function memberError(
  code: number,
  groupId: string,
  instanceId: string | null,
  doing: string,
): StreamError {
  if (judge(code) !== 'instance-fenced') {
    return kafkaError(code, { doing: `${doing} the group ${groupId}` })
  }
  return new StreamError(
    'INSTANCE_FENCED',
    `another process has joined the group ${groupId} as instance ${instanceId ?? ''}; ` +
      'this one stops. Give each worker a state directory of its own, and start a worker only once',
    { domain: 'user', recovery: 'fenced' },
  )
}
