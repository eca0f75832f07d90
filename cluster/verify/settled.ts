/** What holds of every application that has worked off its input, whatever it does. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { LogReader } from './log-reader.ts'

const betweenMs = 200

/** Partitions of the application's topics on which a transaction stays open. */
export async function hangingPartitions(
  reader: LogReader,
  application: string,
  topics: readonly string[],
  settleMs: number,
): Promise<readonly string[]> {
  const deadline = Date.now() + settleMs
  // Others may go on writing positions: what was open at the first look has to end, no more.
  const firstEnds = new Map<string, number>()
  for (;;) {
    const open: string[] = []
    for (const { topic, partition } of await transactionalPartitions(reader, application, topics)) {
      const { stable, end } = await reader.ends(topic, partition)
      const name = `${topic}-${partition}`
      const wanted = firstEnds.get(name) ?? end
      firstEnds.set(name, wanted)
      if (stable < wanted)
        open.push(`hanging transaction: ${name} is stable to ${stable} of ${end}`)
    }
    if (open.length === 0 || Date.now() > deadline) return open
    await sleep(betweenMs)
  }
}

async function transactionalPartitions(
  reader: LogReader,
  application: string,
  written: readonly string[],
) {
  const found: { readonly topic: string; readonly partition: number }[] = []
  const topics = await reader.topics()
  for (const topic of written) {
    if (!topics.includes(topic)) continue
    for (const partition of await reader.partitions(topic)) found.push({ topic, partition })
  }
  const offsets = '__consumer_offsets'
  // The embedded broker keeps positions in no topic.
  if (!topics.includes(offsets)) return found
  const { length } = await reader.partitions(offsets)
  found.push({ topic: offsets, partition: partitionOfGroup(application, length) })
  return found
}

/** Where the broker keeps a group's positions: the absolute value of Java's `String.hashCode`. */
function partitionOfGroup(group: string, partitions: number): number {
  let hash = 0
  for (let i = 0; i < group.length; i++) hash = (Math.imul(hash, 31) + group.charCodeAt(i)) | 0
  return Math.abs(hash) % partitions
}

/** Partitions whose committed position is not their end. */
export async function partitionsBehind(
  reader: LogReader,
  application: string,
  topics: readonly string[],
): Promise<readonly string[]> {
  const behind: string[] = []
  for (const topic of topics) {
    for (const [partition, offset] of await reader.committed(application, topic)) {
      const { end } = await reader.ends(topic, partition)
      if (offset === end) continue
      behind.push(`committed position: ${topic}-${partition} is at ${offset} of ${end}`)
    }
  }
  return behind
}
