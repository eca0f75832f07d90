/** What the user functions of the twins do, on both sides: see ParityTopologies.java. */
import { monotonous, string, type Stream, type Table, type TopologyBuilder } from 'millrace'

export type Build = (t: TopologyBuilder<string, string>) => void

export type Twins = Readonly<Record<string, Build>>

export const stream = (t: TopologyBuilder<string, string>, topic: string): Stream<string, string> =>
  t.stream(topic, { key: string, value: string, watermark: monotonous() })

export const table = (t: TopologyBuilder<string, string>, topic: string): Table<string, string> =>
  t.table(topic, { key: string, value: string })

export const versioned = (
  t: TopologyBuilder<string, string>,
  topic: string,
): Table<string, string> => t.table(topic, { key: string, value: string, versioned: '1h' })

/** The sum of all characters. */
export function weight(text: string): number {
  let sum = 0
  for (let at = 0; at < text.length; at++) sum += text.charCodeAt(at)
  return sum
}

export const first = (text: string): string | null => (text === '' ? null : text.slice(0, 1))

/** Java writes a missing side as `null`. */
export const both = (left: string | null, right: string | null): string =>
  `${String(left)}+${String(right)}`
