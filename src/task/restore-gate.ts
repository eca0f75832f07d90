import type { RecordBatch } from '../model/record.ts'
import { Origin } from '../operators/origin.ts'
import { Slot } from '../operators/slot.ts'
import type { SourceGate } from '../operators/source.ts'
import type { Serde } from '../serde/serde.ts'

/**
 * Looks at the records of a topic that a table is restored from as their source did: what it left
 * out then is left out again, and times come from the same function (KAFKA-8037 is what happens
 * without).
 */
export class RestoreGate {
  readonly #serdes: { readonly key: Serde<unknown>; readonly value: Serde<unknown> }
  readonly #gate: SourceGate
  readonly #slot = new Slot()
  #origin = new Origin('', -1)

  constructor(serdes: { key: Serde<unknown>; value: Serde<unknown> }, gate: SourceGate) {
    this.#serdes = serdes
    this.#gate = gate
  }

  from(topic: string, partition: number): void {
    this.#origin = new Origin(topic, partition)
    this.#slot.origin = this.#origin
  }

  /** The time of a record; negative when it is left out. */
  timeOf(batch: RecordBatch, index: number): number {
    const slot = this.#slot
    this.#origin.at(batch, index)
    slot.timestamp = batch.timestamps[index] ?? -1
    slot.setRawKey(
      this.#serdes.key,
      batch.bytes,
      batch.keyStarts[index] ?? -1,
      batch.keyEnds[index] ?? -1,
    )
    slot.setRawValue(
      this.#serdes.value,
      batch.bytes,
      batch.valueStarts[index] ?? -1,
      batch.valueEnds[index] ?? -1,
    )
    return this.#gate.admit(slot) ? slot.timestamp : -1
  }
}
