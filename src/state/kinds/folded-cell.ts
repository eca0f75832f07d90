import type { AggregatingState, ReducingState } from './handles.ts'
import type { KeyedEntry } from './keyed-entry.ts'
import type { AggregatingSpec, ReducingSpec } from './spec.ts'

export class ReducingCell implements ReducingState<unknown> {
  readonly #entry: KeyedEntry
  readonly #spec: ReducingSpec

  constructor(entry: KeyedEntry, spec: ReducingSpec) {
    this.#entry = entry
    this.#spec = spec
  }

  get(): unknown {
    return this.#entry.read()
  }

  add(value: unknown): void {
    const before = this.#entry.read()
    this.#entry.write(before === undefined ? value : this.#spec.reduce(before, value))
  }

  clear(): void {
    this.#entry.clear()
  }
}

export class AggregatingCell implements AggregatingState<unknown, unknown> {
  readonly #entry: KeyedEntry
  readonly #spec: AggregatingSpec

  constructor(entry: KeyedEntry, spec: AggregatingSpec) {
    this.#entry = entry
    this.#spec = spec
  }

  get(): unknown {
    const aggregate = this.#entry.read()
    return aggregate === undefined ? undefined : this.#spec.result(aggregate)
  }

  add(value: unknown): void {
    const before = this.#entry.read()
    this.#entry.write(this.#spec.add(before === undefined ? this.#spec.init() : before, value))
  }

  clear(): void {
    this.#entry.clear()
  }
}
