import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { isStreamError } from '../../model/errors.ts'
import { errorText, usage } from '../failures.ts'
import type { Endpoint } from './endpoints.ts'
import type { LineFeeder } from './line-feeder.ts'
import { recordOfLine } from './lines.ts'

export interface InputOptions {
  /** File of lines; else standard input. */
  readonly input?: string
  readonly keySeparator?: string
}

/**
 * Writes each line of the input as a record; resolves when the last is committed. A line that is no
 * record of the topic is reported and left out.
 */
export async function feedLines(
  feeder: LineFeeder,
  source: Endpoint,
  { input, keySeparator }: InputOptions,
  signal: AbortSignal,
): Promise<void> {
  const stream = input === undefined ? process.stdin : createReadStream(input)
  const lines = createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY, signal })
  let number = 0
  try {
    for await (const line of lines) {
      number += 1
      try {
        await feeder.write(recordOfLine(line, number, source, keySeparator))
      } catch (error) {
        if (!isStreamError(error) || error.code !== 'INPUT_LINE_INVALID') throw error
        process.stderr.write(errorText(error, false))
      }
    }
  } catch (error) {
    if (!(error instanceof Error) || !('syscall' in error) || input === undefined) throw error
    throw usage('INPUT_FILE_UNREADABLE', `${input} cannot be read: ${error.message}`, error)
  } finally {
    if (input === undefined) process.stdin.pause()
  }
  await feeder.flushed()
}
