import type { Epoch } from '../model/ids.ts'

/** Entries of a store that go together. */
export interface Segment {
  readonly startMs: number
  /** From 1; another for each segment of a store. */
  readonly number: number
  /** The changelog has nothing of its entries before this offset. */
  readonly changelogFrom: number
  readonly count: number
  /** Takes an entry off the end. */
  pop(): number
}

interface StagedSegments<Of> {
  readonly epoch: Epoch
  readonly segments: readonly Of[]
}

/** Entries let go in one step, at least: bounds what one commit costs. */
const sweepMin = 8_192

/**
 * Segments that have closed: they wait for the commit of the epoch that closed them, and their
 * entries are let go then, some with each commit.
 */
export class Releases<Of extends Segment> {
  #closing: Of[] = []
  #staged: StagedSegments<Of>[] = []
  #expired: Of[] = []
  /** Start of the last segment whose entries go: those of all before it do. */
  #expiredStartMs: number | undefined
  readonly #release: (entry: number, segment: Of) => void

  /** @param release Lets one entry go. */
  constructor(release: (entry: number, segment: Of) => void) {
    this.#release = release
  }

  /** Segments closed in the open epoch. */
  get closing(): boolean {
    return this.#closing.length > 0
  }

  get expiredStartMs(): number | undefined {
    return this.#expiredStartMs
  }

  /** A segment closed in the open epoch. */
  close(segment: Of): void {
    this.#closing.push(segment)
  }

  /** A segment closed in an epoch that has committed, or before the task began. */
  expire(segment: Of): void {
    this.#expired.push(segment)
    this.#expiredStartMs = Math.max(this.#expiredStartMs ?? segment.startMs, segment.startMs)
  }

  /** The epoch was cut: what it closed goes when it commits. */
  cut(epoch: Epoch): void {
    if (this.#closing.length === 0) return
    this.#staged.push({ epoch, segments: this.#closing })
    this.#closing = []
  }

  committed(epoch: Epoch): void {
    while (this.#staged[0] !== undefined && this.#staged[0].epoch <= epoch) {
      for (const segment of this.#staged.shift()?.segments ?? []) this.expire(segment)
    }
    this.#sweep()
  }

  /** Answers what dropped epochs had closed: it is open again. */
  rollback(): readonly Of[] {
    const reopened = [...this.#staged.flatMap(({ segments }) => segments), ...this.#closing]
    this.#staged = []
    this.#closing = []
    return reopened
  }

  /** The lowest offset that a restart needs for what has not committed as closed. */
  changelogFrom(highest: number): number {
    let from = highest
    for (const segment of this.#closing) from = Math.min(from, segment.changelogFrom)
    for (const { segments } of this.#staged) {
      for (const segment of segments) from = Math.min(from, segment.changelogFrom)
    }
    return from
  }

  /** Lets entries of closed segments go, as many as keeps up with what closes. */
  #sweep(): void {
    let waiting = 0
    for (const segment of this.#expired) waiting += segment.count
    let left = Math.max(sweepMin, waiting / 8)
    while (left > 0) {
      const [segment] = this.#expired
      if (segment === undefined) return
      for (; left > 0 && segment.count > 0; left -= 1) this.#release(segment.pop(), segment)
      if (segment.count === 0) this.#expired.shift()
    }
  }
}
