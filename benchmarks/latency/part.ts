/** The generator or the reader, seen from the runner: a process and what it told. */
import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import { projectRoot } from '../../cluster/root.ts'
import type { FromPart, PartSetup, ToPart } from './messages.ts'

type Kind = FromPart['kind']
type Told<Wanted extends Kind> = Extract<FromPart, { readonly kind: Wanted }>

/** A part that says nothing for so long is given up. */
const silenceMsMax = 60_000

export class Part {
  readonly #name: string
  readonly #process: ChildProcess
  readonly #told: FromPart[] = []
  #wake: () => void = () => undefined

  constructor(name: 'generator' | 'reader', setup: PartSetup) {
    this.#name = name
    const file = join(projectRoot, 'dist/benchmarks/latency', `${name}.js`)
    this.#process = fork(file, [JSON.stringify(setup)], { execArgv: ['--no-warnings'] })
    this.#process.on('message', (message) => this.#take(message as FromPart))
    this.#process.on('exit', (code) => {
      this.#take({ kind: 'failed', message: `it ended with code ${code}` })
    })
  }

  say(message: ToPart): void {
    this.#process.send(message)
  }

  /**
   * Resolves with what it tells of this kind, or told before.
   * @throws Error when it failed, or what `check` throws.
   */
  async hear<Wanted extends Kind>(
    kind: Wanted,
    check: () => void = () => undefined,
  ): Promise<Told<Wanted>> {
    const deadline = performance.now() + silenceMsMax
    while (performance.now() < deadline) {
      const found = this.#told.find((message) => message.kind === kind)
      if (found !== undefined) return found as Told<Wanted>
      const failed = this.#told.find((message) => message.kind === 'failed')
      if (failed !== undefined) throw new Error(`${this.#name}: ${failed.message}`)
      check()
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 200)
        this.#wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
    throw new Error(`${this.#name}: nothing "${kind}" within ${silenceMsMax} ms`)
  }

  end(): void {
    this.#process.kill('SIGKILL')
  }

  #take(message: FromPart): void {
    this.#told.push(message)
    this.#wake()
  }
}
