/**
 * Entry numbers as bits: adding costs no memory access that is far away, and reading them in
 * ascending order walks through a table in the order of its memory.
 */
export class EntrySet {
  #bits = new Int32Array(8)

  /** Makes room for entries below `capacity`. */
  grow(capacity: number): void {
    if (this.#bits.length * 32 >= capacity) return
    const larger = new Int32Array(Math.ceil(capacity / 32))
    larger.set(this.#bits)
    this.#bits = larger
  }

  add(entry: number): void {
    const at = entry >>> 5
    this.#bits[at] = (this.#bits[at] ?? 0) | (1 << (entry & 31))
  }

  has(entry: number): boolean {
    return ((this.#bits[entry >>> 5] ?? 0) & (1 << (entry & 31))) !== 0
  }

  delete(entry: number): void {
    const at = entry >>> 5
    this.#bits[at] = (this.#bits[at] ?? 0) & ~(1 << (entry & 31))
  }

  clear(): void {
    this.#bits.fill(0)
  }

  /** The lowest entry that is at least `from`, −1 for none. */
  next(from: number): number {
    const bits = this.#bits
    let at = from >>> 5
    if (at >= bits.length) return -1
    let word = (bits[at] ?? 0) & (-1 << (from & 31))
    while (word === 0) {
      at += 1
      if (at >= bits.length) return -1
      word = bits[at] ?? 0
    }
    return at * 32 + 31 - Math.clz32(word & -word)
  }
}
