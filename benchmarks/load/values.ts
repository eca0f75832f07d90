/** Values of events as bytes. */
import avro from 'avsc'
import { keyText } from './keys.ts'

/** The generator fills the same object again and again. */
export interface Event {
  /** Counts from 0. */
  id: number
  key: number
  /** Another key, for workloads that have to repartition: drawn as the first is. */
  user: number
  /** 0…9999, uniform. */
  amount: number
  /** Milliseconds; at most `outOfOrderMs` before the latest one so far. */
  timestamp: number
}

export const valueFormats = ['json', 'avro'] as const
export type ValueFormat = (typeof valueFormats)[number]

const text = new TextEncoder()

const schema = avro.Type.forSchema({
  type: 'record',
  name: 'Event',
  fields: [
    { name: 'id', type: 'long' },
    { name: 'user', type: 'string' },
    { name: 'amount', type: 'int' },
    { name: 'note', type: 'string' },
  ],
})

/** An encoder to values of about this size (JSON: exactly, where the fields leave room). */
export function eventEncoding(
  format: ValueFormat,
  valueBytes: number,
): (event: Readonly<Event>) => Uint8Array {
  if (format === 'json') return (event) => text.encode(eventText(event, valueBytes))
  const note = 'x'.repeat(Math.max(0, valueBytes - 20))
  return ({ id, user, amount }) => schema.toBuffer({ id, user: keyText(user), amount, note })
}

/** `{"id":…,"user":…,"amount":…,"note":"xxx…"}` without spaces. */
export function eventText(event: Readonly<Event>, valueBytes: number): string {
  const { id, user, amount } = event
  const head = `{"id":${id},"user":"${keyText(user)}","amount":${amount},"note":"`
  return `${head}${'x'.repeat(Math.max(0, valueBytes - head.length - 2))}"}`
}
