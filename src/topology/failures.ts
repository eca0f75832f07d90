import { StreamError } from '../model/errors.ts'

/** A topology that cannot be built: its author has to change it. */
export function refuse(code: TopologyErrorCode, message: string): StreamError {
  return new StreamError(code, message, { domain: 'user', recovery: 'fatal' })
}

export type TopologyErrorCode =
  | 'DUPLICATE_NAME'
  | 'DUPLICATE_SOURCE'
  | 'EMPTY_TOPOLOGY'
  | 'FOREIGN_STREAM'
  | 'INVALID_NAME'
  | 'INVALID_ARGUMENT'
  | 'INVALID_TOPIC'
  | 'NO_EVENT_TIME'
  | 'NOT_CO_PARTITIONED'
  | 'NOT_PARTITIONED_BY_KEY'
  | 'TOPOLOGY_CLOSED'
