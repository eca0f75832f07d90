import type { Serde } from '../../serde/serde.ts'
import type { OutputTag } from '../output-tag.ts'
import { Slot } from '../slot.ts'
import type { Step } from '../step.ts'

interface Held {
  readonly step: Step
  readonly serde: Serde<unknown>
  /** Null for a null value. */
  readonly bytes: Uint8Array | null
  readonly timestamp: number
  /** Undefined: that of the record in work. */
  readonly key: unknown
}

/** Where what a process function emits goes. */
export interface Outputs {
  readonly main: Step
  readonly sides: ReadonlyMap<string, Step>
}

/**
 * Hands what a user function emits to the steps behind it. Where the epoch survives an error of the
 * function (`holds`), records wait, as bytes, until the function has ended well; else they go on at
 * once. An error of a step behind is not the function's, whether it lets it through or not.
 */
export class Emitter {
  /** The record that goes out: its owner gives it origin, time and key. */
  readonly slot = new Slot()
  readonly #outputs: Outputs
  readonly #serde: Serde<unknown>
  readonly #holds: boolean
  #held: Held[] = []
  #failure: { readonly error: unknown } | undefined

  constructor(outputs: Outputs, serde: Serde<unknown>, holds: boolean) {
    this.#outputs = outputs
    this.#serde = serde
    this.#holds = holds
  }

  /** @param key In place of that of the record in work. */
  emit(value: unknown, timestamp: number, key?: unknown): void {
    this.#give(this.#outputs.main, this.#serde, value, timestamp, key)
  }

  side(tag: OutputTag<unknown>, value: unknown, timestamp: number): void {
    const step = this.#outputs.sides.get(tag.name)
    if (step === undefined) throw new Error(`"${tag.name}" is not among the operator's sides`)
    this.#give(step, tag.value, value, timestamp)
  }

  /** The function ended well. */
  settle(): void {
    this.throwFailure()
    if (this.#held.length === 0) return
    const held = this.#held
    this.#held = []
    const { slot } = this
    for (const { step, serde, bytes, timestamp, key } of held) {
      slot.timestamp = timestamp
      if (key !== undefined) slot.setKey(key)
      if (bytes === null) slot.setValue(null)
      else slot.setRawValue(serde, bytes, 0, bytes.length)
      step.process(slot)
    }
  }

  /** The function failed: what it emitted is forgotten. */
  drop(): void {
    this.#held = []
  }

  /** @throws what a step behind threw during the function's call. */
  throwFailure(): void {
    const failure = this.#failure
    if (failure === undefined) return
    this.#failure = undefined
    throw failure.error
  }

  #give(step: Step, serde: Serde<unknown>, value: unknown, timestamp: number, key?: unknown): void {
    if (this.#holds) {
      const bytes = value === null || value === undefined ? null : serde.serialize(value)
      this.#held.push({ step, serde, bytes, timestamp, key })
      return
    }
    this.slot.timestamp = timestamp
    if (key !== undefined) this.slot.setKey(key)
    this.slot.setValue(value)
    try {
      step.process(this.slot)
    } catch (error) {
      this.#failure = { error }
      throw error
    }
  }
}
