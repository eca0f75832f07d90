import type { LogReader } from './log-reader.ts'

/** Differences up to this may be nothing but control records at the end: these are looked at. */
const lookBelow = 1_000

/** Records of a topic that a group has not yet committed; exact when there are few of them. */
export async function lagOf(reader: LogReader, group: string, topic: string): Promise<number> {
  let lag = 0
  const committed = await reader.committed(group, topic)
  for (const partition of await reader.partitions(topic)) {
    const from = committed.get(partition) ?? 0
    const { stable, end } = await reader.ends(topic, partition)
    if (end - from > lookBelow) {
      lag += end - from
    } else {
      // What is not stable yet is somebody's open transaction.
      lag += end - stable
      await reader.read(topic, partition, from, stable, () => lag++)
    }
  }
  return lag
}
