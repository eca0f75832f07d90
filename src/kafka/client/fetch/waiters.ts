/** Whoever waits for news. */
export class Waiters {
  readonly #hasNews: () => boolean
  readonly #waiting = new Set<() => void>()
  #closed = false

  constructor(hasNews: () => boolean) {
    this.#hasNews = hasNews
  }

  wait(signal: AbortSignal): Promise<void> {
    if (this.#closed || signal.aborted || this.#hasNews()) return Promise.resolve()
    return new Promise((resolve) => {
      const done = () => {
        signal.removeEventListener('abort', done)
        this.#waiting.delete(done)
        resolve()
      }
      this.#waiting.add(done)
      signal.addEventListener('abort', done)
    })
  }

  wake(): void {
    if (this.#waiting.size > 0 && this.#hasNews()) this.#release()
  }

  close(): void {
    this.#closed = true
    this.#release()
  }

  #release(): void {
    for (const done of this.#waiting) done()
  }
}
