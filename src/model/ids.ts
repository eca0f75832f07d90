/**
 * Identities and numbers that must not be mixed up; branded, so that the compiler keeps them apart.
 */
declare const brand: unique symbol
type Brand<Value, Name extends string> = Value & { readonly [brand]: Name }

/** `<sub-topology>_<partition>`, as Kafka Streams writes it: `0_3`. */
export type TaskId = Brand<string, 'TaskId'>
/** Number of a checkpoint epoch of one worker, from 1. */
export type Epoch = Brand<number, 'Epoch'>
/** Generation of a consumer group. */
export type Generation = Brand<number, 'Generation'>
/** Node id of a broker. */
export type NodeId = Brand<number, 'NodeId'>
/** Milliseconds since 1970 on the machine's clock. Hot paths carry plain numbers named `…Ms`. */
export type WallTime = Brand<number, 'WallTime'>
/** Milliseconds since 1970 as records carry them. */
export type StreamTime = Brand<number, 'StreamTime'>

export const taskId = (subTopology: number, partition: number) =>
  `${subTopology}_${partition}` as TaskId
export const epoch = (value: number) => value as Epoch
export const generation = (value: number) => value as Generation
export const nodeId = (value: number) => value as NodeId
export const wallTime = (value: number) => value as WallTime
export const streamTime = (value: number) => value as StreamTime

export interface TopicPartition {
  readonly topic: string
  readonly partition: number
}

/** `topic-partition`, unique: the number follows the last hyphen. */
export function partitionName({ topic, partition }: TopicPartition): string {
  return `${topic}-${partition}`
}

/** The sub-topology and the partition of a task. */
export function taskParts(task: TaskId): {
  readonly subTopology: number
  readonly partition: number
} {
  const at = task.indexOf('_')
  return { subTopology: Number(task.slice(0, at)), partition: Number(task.slice(at + 1)) }
}
