/** How one output record broke the rule, or one word's final count is wrong. */
export interface Discrepancy {
  readonly kind:
    | 'missing'
    | 'repeated-or-out-of-order'
    | 'moved-partition'
    | 'unexpected-word'
    | 'wrong-last-count'
  readonly text: string
}

const shownAtMost = 10

/**
 * Checks the output of a word count record by record: for each word the counts are exactly 1, 2,
 * … n, in this order, in one partition; and n is what an independent count of the input says.
 */
export class WordLedger {
  readonly #last = new Map<string, { readonly partition: number; count: number }>()
  readonly #found: Discrepancy[] = []
  #records = 0
  #discrepancies = 0

  /** The first few; `discrepancies` counts all. */
  get found(): readonly Discrepancy[] {
    return this.#found
  }

  get discrepancies(): number {
    return this.#discrepancies
  }

  get records(): number {
    return this.#records
  }

  get distinct(): number {
    return this.#last.size
  }

  add(partition: number, offset: string, word: string, count: number): void {
    this.#records++
    const last = this.#last.get(word)
    const before = last?.count ?? 0
    const where = `at ${partition}:${offset}`
    if (count > before + 1) {
      this.#report('missing', `'${word}' goes from ${before} to ${count} ${where}`)
    } else if (count !== before + 1) {
      this.#report('repeated-or-out-of-order', `'${word}' is ${count} after ${before} ${where}`)
    }
    if (last === undefined) {
      this.#last.set(word, { partition, count })
      return
    }
    if (last.partition !== partition) {
      this.#report('moved-partition', `'${word}' of partition ${last.partition} appears ${where}`)
    }
    last.count = Math.max(before, count)
  }

  /** To be called after the last record. */
  compare(expected: ReadonlyMap<string, number>): void {
    for (const [word, count] of expected) {
      const counted = this.#last.get(word)?.count ?? 0
      if (counted !== count) {
        this.#report('wrong-last-count', `'${word}' ends at ${counted}, the input has ${count}`)
      }
    }
    for (const word of this.#last.keys()) {
      if (!expected.has(word)) this.#report('unexpected-word', `'${word}' is not in the input`)
    }
  }

  #report(kind: Discrepancy['kind'], text: string): void {
    this.#discrepancies++
    if (this.#found.length < shownAtMost) this.#found.push({ kind, text })
  }
}

/** Adds the words of a line: longest runs of letters, in lower case. */
export function countWords(line: string, into: Map<string, number>): number {
  let words = 0
  for (const word of line.toLowerCase().split(/[^\p{L}]+/u)) {
    if (word === '') continue
    words++
    into.set(word, (into.get(word) ?? 0) + 1)
  }
  return words
}
