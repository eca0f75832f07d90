/** How long a worker has been in trouble, how it waits between attempts, and when it gives up. */
import type { Env } from '../env/port.ts'
import { isStreamError } from '../model/errors.ts'

export class Patience {
  readonly #env: Env
  readonly #limitMs: number
  #trouble: { readonly sinceMs: number; attempts: number } | undefined

  /** @param limitMs From the beginning of the trouble until it lasts too long. */
  constructor(env: Env, limitMs: number) {
    this.#env = env
    this.#limitMs = limitMs
  }

  /** Trouble begins, unless there is some already. */
  begin(sinceMs: number): void {
    this.#trouble ??= { sinceMs, attempts: 0 }
  }

  end(): void {
    this.#trouble = undefined
  }

  /** Waits before a second attempt and those after it: 100 ms, doubled up to 2 s. */
  async backOff(): Promise<void> {
    const trouble = this.#trouble
    if (trouble === undefined) return
    if (trouble.attempts > 0) {
      await this.#env.timers.sleep(Math.min(2_000, 100 * 2 ** (trouble.attempts - 1)))
    }
    trouble.attempts++
  }

  /**
   * Attempts a thing until it is done.
   * @throws Whatever the last attempt threw: when it is fatal, in vain, or patience is over.
   */
  async untilDone<Value>(attempt: () => Promise<Value>, inVain: () => boolean): Promise<Value> {
    for (;;) {
      await this.backOff()
      try {
        return await attempt()
      } catch (error) {
        const fatal = isStreamError(error) && error.recovery === 'fatal'
        if (fatal || inVain() || this.isOver()) throw error
      }
    }
  }

  /** Another attempt has failed. @returns Whether nothing has worked for too long. */
  isOver(): boolean {
    const nowMs = this.#env.clock.monotonic()
    this.begin(nowMs)
    return nowMs - (this.#trouble?.sinceMs ?? nowMs) >= this.#limitMs
  }
}
