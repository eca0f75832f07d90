/** What is wrong with an output: how often, and the first case in words. */
export class Mistakes {
  #count = 0
  #first = ''

  add(describe: () => string): void {
    if (this.#count === 0) this.#first = describe()
    this.#count++
  }

  /** Undefined when there are none. */
  verdict(): string | undefined {
    return this.#count === 0 ? undefined : `${this.#count} wrong, first: ${this.#first}`
  }
}
