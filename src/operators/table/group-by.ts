import { compareBytes } from '../../state/byte-slabs.ts'
import type { Failures } from '../failures.ts'
import { pairOf } from '../pair.ts'
import { Slot } from '../slot.ts'
import type { Step } from '../step.ts'
import { RowFunction } from './row-function.ts'
import type { TableGroupBySpec } from './spec.ts'

/** A row's place in the new grouping; undefined where it has none. */
interface Placed {
  readonly key: Uint8Array
  readonly value: unknown
}

/**
 * Sends each change to where its row belongs, as Kafka Streams' KTableRepartitionMap: what the old
 * row added has to be taken back from its group, before the new row adds to its own. Where both are
 * one group, that is one record (KIP-904), so that nobody sees the group without either.
 */
export class TableGroupByStep implements Step {
  readonly #spec: TableGroupBySpec
  readonly #fn: RowFunction<Placed | undefined>
  readonly #next: Step
  readonly #out = new Slot()

  constructor(spec: TableGroupBySpec, failures: Failures, next: Step) {
    this.#spec = spec
    const place = (value: unknown, key: unknown) => this.#place(value, key)
    this.#fn = new RowFunction(place, failures, spec.fn)
    this.#next = next
  }

  process(record: Slot): void {
    const value = record.value()
    const { old } = record
    const to = value === null ? undefined : this.#fn.of(value, record)
    const from = old === null ? undefined : this.#fn.again(old, record)
    if (from !== undefined && to !== undefined && compareBytes(from.key, to.key) === 0) {
      this.#emit(record, to.key, from.value, to.value)
      return
    }
    if (from !== undefined) this.#emit(record, from.key, from.value, null)
    if (to !== undefined) this.#emit(record, to.key, null, to.value)
  }

  #place(row: unknown, rowKey: unknown): Placed | undefined {
    const [key, value] = pairOf(this.#spec.fn(row, rowKey))
    const has = key !== null && key !== undefined && value !== null && value !== undefined
    return has ? { key: this.#spec.key.serialize(key), value } : undefined
  }

  #emit(record: Slot, key: Uint8Array, old: unknown, value: unknown): void {
    const out = this.#out
    out.follow(record)
    out.setRawKey(this.#spec.key, key, 0, key.length)
    out.setValue({ old, value })
    this.#next.process(out)
  }
}
