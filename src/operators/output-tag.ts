import type { Serde } from '../serde/serde.ts'

/** Names a side output and what is in it; made by `outputTag`. As Flink's OutputTag. */
export interface OutputTag<T> {
  readonly kind: 'output-tag'
  readonly name: string
  readonly value: Serde<T>
}
