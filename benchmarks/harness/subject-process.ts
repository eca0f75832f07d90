/**
 * A process under measurement. It cannot outlive this one, and its last words are kept for the
 * case that it fails.
 */
import { leash, type LeashedProcess } from '../../cluster/leash.ts'
import { processorSeconds } from './processor-time.ts'

export interface SubjectCommand {
  readonly program: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

const lastWordsKept = 20

export class SubjectProcess {
  readonly #process: LeashedProcess
  readonly #lastWords: readonly string[]
  /** `performance.now()` of its start. */
  readonly startedMs: number

  private constructor(process: LeashedProcess, lastWords: readonly string[], startedMs: number) {
    this.#process = process
    this.#lastWords = lastWords
    this.startedMs = startedMs
  }

  static async start(
    command: SubjectCommand,
    onLine: (line: string) => void = () => undefined,
  ): Promise<SubjectProcess> {
    const lastWords: string[] = []
    const startedMs = performance.now()
    const process = await leash(command.program, command.args, {
      ...(command.env === undefined ? {} : { env: command.env }),
      onLine(line) {
        // Of an exception its name and its causes, not its frames.
        if (!/^\s+at /.test(line)) lastWords.push(line)
        if (lastWords.length > lastWordsKept) lastWords.shift()
        onLine(line)
      },
    })
    return new SubjectProcess(process, lastWords, startedMs)
  }

  get pid(): number {
    return this.#process.pid
  }

  /** User and system seconds so far, all threads and children included. */
  processorSeconds(): number {
    return processorSeconds(this.pid)
  }

  /** @throws Error with its last words when it has ended by itself. */
  checkRunning(): void {
    const end = this.#process.end()
    if (end === undefined) return
    throw new Error(`it ended with code ${end.code}:\n${this.#lastWords.join('\n')}`)
  }

  /** Ends it as an orchestrator does, by force after the time. */
  async stop(withinMs: number): Promise<void> {
    this.#process.signal('SIGTERM')
    const timer = setTimeout(() => this.#process.signal('SIGKILL'), withinMs)
    await this.#process.exited
    clearTimeout(timer)
  }

  async kill(): Promise<void> {
    this.#process.signal('SIGKILL')
    await this.#process.exited
  }
}
