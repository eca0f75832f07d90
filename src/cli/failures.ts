/** How the commands end when they fail: one line for people, an exit code for scripts. */
import { isStreamError, StreamError } from '../model/errors.ts'

export const exitCodes = {
  done: 0,
  /** Kafka, the machine, or a defect of Millrace. */
  failed: 1,
  /** Command line, topology file, topology or options are wrong: nothing will help but a change. */
  wrongUse: 2,
} as const

export type UsageCode =
  | 'COMMAND_LINE_INVALID'
  | 'TOPOLOGY_FILE_MISSING'
  | 'TOPOLOGY_FILE_UNSUPPORTED'
  | 'TOPOLOGY_FILE_FAILED'
  | 'TOPOLOGY_NOT_EXPORTED'
  | 'INPUT_LINE_INVALID'
  | 'INPUT_FILE_UNREADABLE'

/** What is wrong with how a command was used. */
export function usage(code: UsageCode, message: string, cause?: unknown): StreamError {
  return new StreamError(code, message, { domain: 'user', recovery: 'fatal', cause })
}

export function exitCodeOf(error: unknown): number {
  const wrongUse = isStreamError(error) && error.domain === 'user'
  return wrongUse ? exitCodes.wrongUse : exitCodes.failed
}

/**
 * One line, `CODE: what happened and what to do`; the stacks of the error and its causes if
 * verbose.
 */
export function errorText(error: unknown, verbose: boolean): string {
  const line = isStreamError(error) ? error.message : unexpected(error)
  return verbose ? `${line}\n${stacks(error)}\n` : `${line}\n`
}

function unexpected(error: unknown): string {
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  const code = 'UNEXPECTED_ERROR'
  return `${code}: ${message}; run it again with --verbose for the stack, and report it`
}

function stacks(error: unknown): string {
  if (!(error instanceof Error)) return ''
  const own = error.stack ?? ''
  return error.cause instanceof Error ? `${own}\ncaused by ${stacks(error.cause)}` : own
}
