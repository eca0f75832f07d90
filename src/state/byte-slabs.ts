const slabBytes = 1 << 20

/**
 * Byte strings in slabs of one mebibyte: growing copies nothing. A string is known by slab, start
 * and length, which its owner keeps. Freed space comes back when a slab is empty; an owner with
 * much waste copies to new slabs.
 */
export class ByteSlabs {
  #slabs: Uint8Array[] = []
  #live: number[] = []
  /** How far each slab was filled when another became current. */
  #filled: number[] = []
  #current = -1
  #end = 0
  /** Bytes of strings that were freed and are not reused yet. */
  #wasted = 0
  #used = 0
  /** Where the last `add` put its bytes. */
  slab = 0
  start = 0

  get usedBytes(): number {
    return this.#used
  }

  /**
   * True when copying the live strings to new slabs would give back at least half of the memory.
   */
  get wasteful(): boolean {
    return this.#wasted > slabBytes && this.#wasted > this.#used
  }

  /** Copies bytes in; `slab` and `start` then tell where. `room` bytes are reserved. */
  add(bytes: Uint8Array, start: number, end: number, room = end - start): void {
    if (this.#current < 0 || this.#end + room > this.bytes(this.#current).length) this.#open(room)
    this.slab = this.#current
    this.start = this.#end
    copyBytes(bytes, start, end, this.bytes(this.#current), this.#end)
    this.#end += room
    this.#live[this.#current] = (this.#live[this.#current] ?? 0) + room
    this.#used += room
  }

  /** Gives back `room` bytes of a slab. */
  free(slab: number, room: number): void {
    const live = (this.#live[slab] ?? 0) - room
    this.#live[slab] = live
    this.#used -= room
    this.#wasted += room
  }

  bytes(slab: number): Uint8Array {
    return this.#slabs[slab] ?? noBytes
  }

  #open(room: number): void {
    if (this.#current >= 0) this.#filled[this.#current] = this.#end
    const empty = room > slabBytes ? -1 : this.#emptySlab()
    if (empty >= 0) {
      this.#wasted -= this.#filled[empty] ?? 0
      this.#current = empty
    } else {
      this.#current = this.#slabs.push(new Uint8Array(Math.max(room, slabBytes))) - 1
      this.#live.push(0)
    }
    this.#end = 0
  }

  #emptySlab(): number {
    if (this.#wasted < slabBytes) return -1
    return this.#live.findIndex((live, slab) => live === 0 && slab !== this.#current)
  }
}

export const noBytes = new Uint8Array(0)

/** Below this length a loop beats `TypedArray.set` of a new view. */
const loopBytes = 48

export function copyBytes(
  from: Uint8Array,
  start: number,
  end: number,
  to: Uint8Array,
  at: number,
): void {
  if (end - start > loopBytes) {
    to.set(from.subarray(start, end), at)
    return
  }
  let target = at
  for (let index = start; index < end; index += 1) {
    to[target] = from[index] ?? 0
    target += 1
  }
}

/** Unsigned lexicographic order. */
export function compareBytes(left: Uint8Array, right: Uint8Array): number {
  const length = Math.min(left.length, right.length)
  for (let at = 0; at < length; at += 1) {
    const difference = (left[at] ?? 0) - (right[at] ?? 0)
    if (difference !== 0) return difference
  }
  return left.length - right.length
}
