import { murmur2 } from '../../model/murmur2.ts'
import type { Serde } from '../../serde/serde.ts'
import { readOrderedTime, writeOrderedTime } from '../../serde/spans.ts'
import { compareBytes, copyBytes } from '../byte-slabs.ts'
import type { EpochBuffer } from '../epoch-buffer.ts'
import type { ObjectColumn } from '../object-column.ts'
import type { CallJournal } from './call-journal.ts'
import type { KeyCursor } from './key-cursor.ts'

/** Which time a timer waits for: the watermark's, or the machine's. */
export type TimerClock = 'event' | 'wall'

/** The clock, then the time so that bytes are in its order, then the key. */
const timeStart = 1
export const timerKeyStart = 9

/** Timers that are looked for at once. */
const lookAhead = 16

/** Says no more than that the timer is there. */
export const presence: Serde<unknown> = Object.freeze({
  name: 'timer',
  serialize: () => new Uint8Array(0),
  deserialize: () => true,
})

/** Keys of timers as queries see them. */
export interface TimerKey {
  readonly clock: TimerClock
  /** Milliseconds since 1970. */
  readonly time: number
  readonly key: unknown
}

export function timerKeys(key: Serde<unknown>): Serde<unknown> {
  return Object.freeze({
    name: `timer(${key.name})`,
    serialize(timer: TimerKey) {
      const own = key.serialize(timer.key)
      const bytes = new Uint8Array(timerKeyStart + own.length)
      putHead(bytes, timer.clock, timer.time)
      bytes.set(own, timerKeyStart)
      return bytes
    },
    deserialize(bytes: Uint8Array): TimerKey {
      const clock = bytes[0] === 0 ? 'event' : 'wall'
      const own = key.deserialize(bytes.subarray(timerKeyStart))
      return { clock, time: timerTime(bytes, 0), key: own }
    },
  })
}

/** The time of a timer whose key begins there. */
export function timerTime(bytes: Uint8Array, start: number): number {
  return readOrderedTime(bytes, start + timeStart)
}

function putHead(bytes: Uint8Array, clock: TimerClock, time: number): void {
  bytes[0] = clock === 'event' ? 0 : 1
  writeOrderedTime(bytes, timeStart, time)
}

/** Where to look for the next timer of a clock: none is before it. */
interface Front {
  key: Uint8Array
  time: number
  /** Timers that were found and have not had their turn. */
  found: readonly number[]
  at: number
  /** `evictions` of the store when they were found: a number may be another's since. */
  evictions: number
}

const noTimers: readonly number[] = []

/**
 * The timers of one operator, in an ordered store: one for each clock, time and key, so that
 * setting one again changes nothing (Flink's TimerHeapInternalTimer).
 */
export class TimerStore {
  readonly buffer: EpochBuffer<ObjectColumn>
  readonly #journal: CallJournal | undefined
  readonly #fronts: Readonly<Record<TimerClock, Front>>
  #key = new Uint8Array(64)

  constructor(buffer: EpochBuffer<ObjectColumn>, journal: CallJournal | undefined) {
    this.buffer = buffer
    this.#journal = journal
    this.#fronts = { event: frontOf('event'), wall: frontOf('wall') }
  }

  /** @param now Time of the change, for the changelog. */
  add(clock: TimerClock, time: number, cursor: KeyCursor, now: number): void {
    const end = this.#put(clock, time, cursor)
    const { buffer } = this
    const entry = buffer.entryOf(this.#key, 0, end, murmur2(this.#key, 0, end))
    if (buffer.column.read(entry) !== undefined) return
    this.#journal?.note(buffer, entry)
    buffer.touch(entry, now)
    buffer.column.set(entry, true)
    const front = this.#fronts[clock]
    const key = this.#key.subarray(0, end)
    front.found = noTimers
    if (compareBytes(key, front.key) >= 0) return
    front.key = key.slice()
    front.time = time
  }

  delete(clock: TimerClock, time: number, cursor: KeyCursor, now: number): void {
    const end = this.#put(clock, time, cursor)
    const entry = this.buffer.find(this.#key, 0, end, murmur2(this.#key, 0, end))
    if (entry < 0) return
    this.#journal?.note(this.buffer, entry)
    this.#remove(entry, now)
  }

  /** Takes the first timer whose time has come; answers its entry, −1 for none. */
  take(clock: TimerClock, now: number): number {
    const front = this.#fronts[clock]
    if (front.evictions !== this.buffer.evictions) front.found = noTimers
    while (front.time <= now) {
      const entry = front.found[front.at] ?? -1
      front.at += 1
      if (entry < 0) {
        if (!this.#look(front, clock, now)) return -1
        continue
      }
      // It may have been deleted since it was found.
      if (this.buffer.column.read(entry) === undefined) continue
      const start = this.buffer.keyStart(entry)
      front.key = this.buffer.keyBytes(entry).slice(start, this.buffer.keyEnd(entry))
      front.time = timerTime(front.key, 0)
      this.#remove(entry, Math.max(0, front.time))
      return entry
    }
    return -1
  }

  /** What was known of the timers is no more: an epoch was dropped, or a store restored. */
  restart(): void {
    Object.assign(this.#fronts.event, frontOf('event'))
    Object.assign(this.#fronts.wall, frontOf('wall'))
  }

  /** False where none is due: the front is behind `now` then. */
  #look(front: Front, clock: TimerClock, now: number): boolean {
    const behind = headOf(clock, now + 1)
    front.found = this.buffer.scan(front.key, behind, { limit: lookAhead })
    front.at = 0
    front.evictions = this.buffer.evictions
    if (front.found.length > 0) return true
    front.key = behind
    front.time = now + 1
    return false
  }

  #remove(entry: number, now: number): void {
    this.buffer.touch(entry, now)
    this.buffer.column.set(entry, undefined)
  }

  #put(clock: TimerClock, time: number, cursor: KeyCursor): number {
    const { bytes, start, end } = cursor.checked()
    const length = timerKeyStart + end - start
    if (length > this.#key.length) this.#key = new Uint8Array(2 * length)
    putHead(this.#key, clock, time)
    copyBytes(bytes, start, end, this.#key, timerKeyStart)
    return length
  }
}

function headOf(clock: TimerClock, time: number): Uint8Array {
  const head = new Uint8Array(timerKeyStart)
  putHead(head, clock, time)
  return head
}

function frontOf(clock: TimerClock): Front {
  const time = Number.MIN_SAFE_INTEGER
  return { key: headOf(clock, time), time, found: noTimers, at: 0, evictions: 0 }
}
