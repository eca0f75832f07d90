import { sequenceBytes } from '../../serde/sequenced.ts'
import type { Serde } from '../../serde/serde.ts'
import type { ObjectColumn } from '../../state/object-column.ts'
import type { SequencedStore } from '../../state/sequenced-store.ts'
import { Encoded } from '../encoded.ts'
import type { Failures } from '../failures.ts'
import { Origin } from '../origin.ts'
import { Slot } from '../slot.ts'
import type { Step } from '../step.ts'
import type { Timed } from '../timed.ts'

/**
 * Keeps records back until the watermark reaches their time plus what the store keeps, so that what
 * is behind finds a table as it was at their times, with changes that came late (KIP-923). They go
 * on in the order of their times. One that comes when it would have gone on already goes on at
 * once, as in Kafka Streams, and so does one without a key or value: nothing waits for those.
 */
export class HeldBackStep implements Step, Timed {
  readonly #records: SequencedStore<ObjectColumn>
  readonly #serde: Serde<unknown>
  readonly #failures: Failures
  readonly #next: Step
  readonly #key: Encoded
  readonly #out = new Slot()

  constructor(
    key: Serde<unknown>,
    records: SequencedStore<ObjectColumn>,
    partition: number,
    failures: Failures,
    next: Step,
  ) {
    this.#records = records
    this.#serde = key
    this.#failures = failures
    this.#next = next
    this.#key = new Encoded(key)
    this.#out.origin = new Origin(records.timed.buffer.spec.name, partition)
  }

  process(record: Slot): void {
    const { timed } = this.#records
    if (record.keyIsNull || record.valueIsNull || timed.isClosed(record.timestamp)) {
      this.#next.process(record)
      return
    }
    const key = this.#key
    if (!key.tryKey(record, this.#failures)) return
    this.#records.takeKey(key.bytes, key.start, key.end)
    const entry = this.#records.add(record.timestamp)
    timed.buffer.touch(entry, record.timestamp)
    timed.buffer.column.set(entry, record.value())
  }

  advance(watermark: number): void {
    const { timed } = this.#records
    timed.advance(watermark)
    for (let entry = timed.next(); entry >= 0; entry = timed.next()) this.#pass(entry)
    timed.release()
  }

  #pass(entry: number): void {
    const { timed } = this.#records
    const { buffer } = timed
    const out = this.#out
    out.timestamp = timed.timeOf(entry)
    const keyEnd = buffer.keyEnd(entry) - sequenceBytes
    out.setRawKey(this.#serde, buffer.keyBytes(entry), buffer.keyStart(entry), keyEnd)
    out.setValue(buffer.column.read(entry))
    this.#next.process(out)
  }
}
