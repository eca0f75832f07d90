/** Tells when a topology has processed everything that there is. */
import type { Timers } from '../../env/port.ts'
import type { KafkaClient } from '../../kafka/client/port.ts'
import type { TopicPartition } from '../../model/ids.ts'
import type { Plan } from '../../plan/plan.ts'
import type { OutputPrinter } from './output-printer.ts'
import { partitionsOf } from './partitions-of.ts'

export interface Watched {
  readonly client: KafkaClient
  readonly plan: Plan
  readonly printer: OutputPrinter
  readonly timers: Timers
  readonly signal: AbortSignal
}

const pollMs = 50

/**
 * Resolves when all inputs are committed up to their ends and all outputs are printed. Two looks
 * with the same ends are needed: an epoch that was under way at the first has written at the
 * second.
 */
export async function finished(watched: Watched): Promise<void> {
  const { client, plan, printer, timers, signal } = watched
  const topics = plan.subTopologies.flatMap((sub) => sub.sourceTopics)
  const inputs = await partitionsOf(client, topics)
  let before: string | undefined
  while (!signal.aborted) {
    const ends = await committedEnds(client, plan.application, inputs)
    if (ends !== undefined && ends === before) break
    before = ends
    await timers.sleep(pollMs, signal)
  }
  const outputs = await client.admin.listOffsets(printer.partitions, 'latest', 'read_committed')
  while (!signal.aborted && !printer.reached(outputs)) await timers.sleep(pollMs, signal)
}

/** The ends of the inputs as a text; undefined while something is not committed up to them. */
async function committedEnds(
  { admin }: KafkaClient,
  application: string,
  inputs: readonly TopicPartition[],
): Promise<string | undefined> {
  const ends = await admin.listOffsets(inputs, 'latest', 'read_uncommitted')
  const committed = await admin.committedOffsets(application, inputs)
  const behind = Array.from(ends).some(([name, end]) => (committed.get(name)?.offset ?? 0) < end)
  return behind ? undefined : JSON.stringify(Array.from(ends))
}
