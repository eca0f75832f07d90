import { bareLoop } from './bare-loop.ts'
import { copyLoop } from './copy-loop.ts'
import { kafkaStreams } from './kafka-streams.ts'
import { kafkatsFlow } from './kafkats-flow.ts'
import { millrace } from './millrace.ts'
import type { Engine } from './subject.ts'

/** All engines, in the order of a report. */
export const engines: readonly Engine[] = [millrace, kafkaStreams, kafkatsFlow, copyLoop, bareLoop]

/** @throws Error when there is none of this name. */
export function engineNamed(name: string): Engine {
  const found = engines.find((engine) => engine.name === name)
  if (found !== undefined) return found
  throw new Error(`no engine ${name}: ${engines.map(({ name }) => name).join(', ')}`)
}
