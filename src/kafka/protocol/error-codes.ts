/**
 * Kafka's error codes (`Errors` of Kafka 4.x), each with what its holder does and a line of advice
 * for people. A code that is not here is fatal: to guess what a newer broker means is not safe.
 */
import {
  type ErrorDomain,
  type ErrorPlace,
  type Recovery,
  StreamError,
} from '../../model/errors.ts'
import { errorRows } from './error-rows.ts'

/** A code as the table has it. */
export interface KafkaErrorCode {
  readonly code: number
  readonly name: string
  readonly recovery: Recovery
  /** Who has to act where the recovery does not help. */
  readonly domain: ErrorDomain
  readonly advice: string
}

const byCode: ReadonlyMap<number, KafkaErrorCode> = new Map(
  errorRows.flatMap(({ recovery, domain, codes }) =>
    codes.map(([code, name, advice]) => [code, { code, name, recovery, domain, advice }] as const),
  ),
)

/** Every code of the table, in the order of the numbers. */
export const kafkaErrorCodes: readonly KafkaErrorCode[] = Array.from(byCode.values()).toSorted(
  (a, b) => a.code - b.code,
)

type Name = (typeof errorRows)[number]['codes'][number][1]

const unknownServerError = -1
const codeByName: ReadonlyMap<string, number> = new Map(
  kafkaErrorCodes.map(({ code, name }) => [name, code]),
)

/** The number of a code: `errorCode('NOT_COORDINATOR')`. No error is 0. */
export function errorCode(name: Name): number {
  return codeByName.get(name) ?? unknownServerError
}

/** What is known of a code; a number that is not in the table is fatal. */
export function kafkaErrorCode(code: number): KafkaErrorCode {
  const known = byCode.get(code)
  if (known !== undefined) return known
  return {
    code,
    name: 'UNKNOWN_CODE',
    recovery: 'fatal',
    domain: 'external',
    advice: `code ${code} is not known here: the broker is newer than this version of Millrace`,
  }
}

export function recoveryOf(code: number): Recovery {
  return kafkaErrorCode(code).recovery
}

export interface KafkaErrorContext {
  /** What was asked for, for the message: `fetching`, `joining the group orders`. */
  readonly doing: string
  /** What the broker said about it, where it said something. */
  readonly brokerMessage?: string | null
  readonly where?: ErrorPlace
  /** Where the caller knows better than the table, as after a refused commit. */
  readonly recovery?: Recovery
}

/** The error of an answer: its `code` is `KAFKA_` and the name of Kafka's code. */
export function kafkaError(code: number, context: KafkaErrorContext): StreamError {
  const { name, recovery, domain, advice } = kafkaErrorCode(code)
  const said = context.brokerMessage ? `, broker: ${context.brokerMessage}` : ''
  return new StreamError(
    `KAFKA_${name}`,
    `${context.doing} failed with error ${code}${said}; ${advice}`,
    {
      domain,
      recovery: context.recovery ?? recovery,
      ...(context.where === undefined ? {} : { where: context.where }),
    },
  )
}
