import type { TimerClock } from '../../state/kinds/timer-store.ts'
import { noTime } from '../../time/watermark-record.ts'
import type { Punctuation } from './contexts.ts'

type PunctuationFn = (time: number) => void

interface Planned {
  readonly intervalMs: number
  readonly offsetMs: number
  readonly fn: PunctuationFn
  /** `noTime` until the clock has said a time. */
  nextMs: number
}

/**
 * What is to be called whenever a clock passes a multiple of an interval. The multiples are those
 * of the clock, not of when somebody asked: after a restart from a committed time the same ones are
 * left.
 */
export class Punctuations {
  #planned: Planned[] = []

  get isEmpty(): boolean {
    return this.#planned.length === 0
  }

  /** @param now The clock's time, `noTime` where it has none. */
  add(intervalMs: number, offsetMs: number, now: number, fn: PunctuationFn): Punctuation {
    const nextMs = now === noTime ? noTime : following(now, intervalMs, offsetMs)
    const planned = { intervalMs, offsetMs, fn, nextMs }
    this.#planned.push(planned)
    return {
      cancel: () => {
        this.#planned = this.#planned.filter((other) => other !== planned)
      },
    }
  }

  /** What is due is called once, in the order of its times; `call` runs a function. */
  pass(now: number, call: (fn: PunctuationFn, time: number) => void): void {
    for (let due = this.#earliest(now); due !== undefined; due = this.#earliest(now)) {
      const started = due.nextMs !== noTime
      due.nextMs = following(now, due.intervalMs, due.offsetMs)
      if (started) call(due.fn, now)
    }
  }

  clear(): void {
    this.#planned = []
  }

  #earliest(now: number): Planned | undefined {
    let earliest: Planned | undefined
    for (const planned of this.#planned) {
      if (planned.nextMs > now) continue
      if (earliest === undefined || planned.nextMs < earliest.nextMs) earliest = planned
    }
    return earliest
  }
}

/** The first multiple behind a time. */
function following(now: number, intervalMs: number, offsetMs: number): number {
  return Math.floor((now - offsetMs) / intervalMs) * intervalMs + intervalMs + offsetMs
}

/** Punctuations of both clocks. */
export type ClockPunctuations = Readonly<Record<TimerClock, Punctuations>>
