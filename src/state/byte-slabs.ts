const slabBits = 20
const slabBytes = 1 << slabBits
/** The first slab; each is four times as large as the one before, up to a mebibyte. */
const firstSlabBytes = 1 << 14
/** Strings begin at multiples of eight, so that slab and start fit into one integer. */
const unitBits = 3
const unitBytes = 1 << unitBits
const startBits = slabBits - unitBits
const startMask = (1 << startBits) - 1

/**
 * Byte strings in slabs of up to a mebibyte: growing copies nothing. A string is known by one
 * integer and its length, which its owner keeps. Freed space comes back when a slab is empty; an
 * owner with much waste copies to new slabs.
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

  /** Memory of all slabs. */
  get heldBytes(): number {
    return this.#slabs.reduce((sum, slab) => sum + slab.length, 0)
  }

  /** Memory of the strings that are there. */
  get usedBytes(): number {
    return this.#used
  }

  /**
   * True when copying the live strings to new slabs would give back at least half of the memory.
   */
  get wasteful(): boolean {
    return this.#wasted > slabBytes && this.#wasted > this.#used
  }

  /** Copies bytes in; the answer tells `slab` and `start` where. */
  add(bytes: Uint8Array, start: number, end: number): number {
    const room = roomOf(end - start)
    if (this.#current < 0 || this.#end + room > (this.#slabs[this.#current]?.length ?? 0)) {
      this.#open(room)
    }
    const at = this.#end
    copyBytes(bytes, start, end, this.#slabs[this.#current] ?? noBytes, at)
    this.#end = at + room
    this.#live[this.#current] = (this.#live[this.#current] ?? 0) + room
    this.#used += room
    return (this.#current << startBits) | (at >>> unitBits)
  }

  /** Gives a string's room back. */
  free(place: number, length: number): void {
    const slab = place >>> startBits
    const room = roomOf(length)
    this.#live[slab] = (this.#live[slab] ?? 0) - room
    this.#used -= room
    this.#wasted += room
  }

  /** The slab that holds the string. */
  slab(place: number): Uint8Array {
    return this.#slabs[place >>> startBits] ?? noBytes
  }

  /** Where in its slab the string begins. */
  start(place: number): number {
    return (place & startMask) << unitBits
  }

  #open(room: number): void {
    if (this.#current >= 0) this.#filled[this.#current] = this.#end
    const empty = this.#emptySlab(room)
    if (empty >= 0) {
      this.#wasted -= this.#filled[empty] ?? 0
      this.#current = empty
    } else {
      // A store with a few keys does without a mebibyte.
      const size = Math.min(slabBytes, firstSlabBytes << (2 * Math.min(this.#slabs.length, 3)))
      this.#current = this.#slabs.push(new Uint8Array(Math.max(room, size))) - 1
      this.#live.push(0)
    }
    this.#end = 0
  }

  #emptySlab(room: number): number {
    if (this.#wasted < slabBytes) return -1
    return this.#live.findIndex((live, slab) => {
      const { length } = this.#slabs[slab] ?? noBytes
      // One that was made for a long string has places that an integer has no room for.
      const fits = length >= room && length <= slabBytes
      return live === 0 && slab !== this.#current && fits
    })
  }
}

/** An empty string has room too: else it could begin where its slab ends. */
function roomOf(length: number): number {
  return Math.max(unitBytes, (length + unitBytes - 1) & -unitBytes)
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
