import { noTime, type ProducerWatermark } from './watermark-record.ts'

/**
 * The watermark of one partition of a repartition topic: the minimum over the producing tasks that
 * are not idle, as Flink's StatusWatermarkValve has it over channels. A producer that has not
 * spoken holds it back.
 */
export class ProducerWatermarks {
  readonly #expected: number
  readonly #told = new Map<string, ProducerWatermark>()
  #watermark = noTime

  /** @param expected How many tasks write the topic. */
  constructor(expected: number) {
    this.#expected = expected
  }

  /** A lower watermark than the producer told before is ignored; its idleness is not. */
  tell(told: ProducerWatermark): void {
    const name = `${told.subTopology}_${told.partition}`
    const before = this.#told.get(name)
    const watermark = Math.max(told.watermark, before?.watermark ?? noTime)
    this.#told.set(name, { ...told, watermark })
    this.#watermark = this.#combined()
  }

  get watermark(): number {
    return this.#watermark
  }

  #combined(): number {
    if (this.#told.size < this.#expected) return noTime
    let lowestActive = Number.POSITIVE_INFINITY
    let highest = noTime
    for (const { watermark, idle } of this.#told.values()) {
      if (!idle) lowestActive = Math.min(lowestActive, watermark)
      highest = Math.max(highest, watermark)
    }
    return lowestActive === Number.POSITIVE_INFINITY ? highest : lowestActive
  }

  /** True when every producer has told that it is idle. */
  get idle(): boolean {
    if (this.#told.size < this.#expected) return false
    for (const { idle } of this.#told.values()) {
      if (!idle) return false
    }
    return true
  }

  all(): readonly ProducerWatermark[] {
    return [...this.#told.values()]
  }
}
