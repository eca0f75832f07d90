/** What happened, as a hash over all of it and the last of it as text. */
const keptLines = 400

export class Trace {
  #low = 0x811c9dc5
  #high = 0x1b873593
  readonly #lines: string[] = []
  #at = 0

  add(atMs: number, who: string, what: string): void {
    const line = `${atMs.toFixed(3)} ${who} ${what}`
    for (let i = 0; i < line.length; i++) {
      const char = line.charCodeAt(i)
      this.#low = Math.imul(this.#low ^ char, 0x01000193)
      this.#high = Math.imul(this.#high ^ char, 0x85ebca6b) ^ (this.#high >>> 13)
    }
    this.#lines[this.#at % keptLines] = line
    this.#at++
  }

  /** 16 hexadecimal digits; equal for equal runs. */
  get hash(): string {
    return [this.#high, this.#low]
      .map((part) => (part >>> 0).toString(16).padStart(8, '0'))
      .join('')
  }

  /** The last events, in their order. */
  get tail(): readonly string[] {
    const from = this.#at % keptLines
    return [...this.#lines.slice(from), ...this.#lines.slice(0, from)]
  }
}
