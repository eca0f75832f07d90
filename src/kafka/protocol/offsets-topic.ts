/** Where a group's positions are kept, so which partition its open transactions are found on. */
export const offsetsTopic = '__consumer_offsets'

/** The partition of a group: the absolute value of Java's `String.hashCode`, as Apache Kafka. */
export function offsetsPartition(groupId: string, partitions: number): number {
  let hash = 0
  for (let i = 0; i < groupId.length; i++) hash = (Math.imul(hash, 31) + groupId.charCodeAt(i)) | 0
  // The lowest number has no positive counterpart in 32 bits; Kafka takes 0 for it.
  return (hash === -0x8000_0000 ? 0 : Math.abs(hash)) % partitions
}
