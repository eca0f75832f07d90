/** One sleeper, many who may wake it; a call while nobody sleeps is kept for the next sleep. */
import type { Env } from '../env/port.ts'

/** Without a reason of its own a signal makes an error with a stack, at each wake-up. */
const woken = 'woken'

export class WakeUp {
  #abort: AbortController | undefined
  #called = false

  readonly call = (): void => {
    this.#called = true
    this.#abort?.abort(woken)
  }

  /**
   * Sleeps until a call, or `ms` have passed, or `until` resolves; `until` is told to give up then.
   */
  async sleep(
    env: Env,
    ms: number,
    until: (signal: AbortSignal) => Promise<void> = aborted,
  ): Promise<void> {
    if (!this.#called && ms > 0) {
      const abort = new AbortController()
      this.#abort = abort
      const cancel = env.timers.after(ms, () => abort.abort(woken))
      await until(abort.signal)
      cancel()
      this.#abort = undefined
    }
    this.#called = false
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
