/** Where a Kafka can come from, in the order in which they are tried. */
export const kafkaKinds = ['external', 'docker', 'java', 'embedded'] as const
export type KafkaKind = (typeof kafkaKinds)[number]

export interface RunningKafka {
  readonly kind: KafkaKind
  /** Bootstrap addresses, `host:port`, separated by commas. */
  readonly brokers: string
  /** What it is, for people: `Apache Kafka 4.3.1 on Java 17`. */
  readonly description: string
  /** Its brokers where they are ours and their data outlive a kill; else empty. */
  readonly nodes: readonly KafkaNode[]
  /** Ends it and removes its data. */
  stop(): Promise<void>
}

/** A broker that may fail on purpose: same port and data before and after. */
export interface KafkaNode {
  /** Its `node.id`. */
  readonly id: number
  /** SIGKILL; resolves when the broker is gone, which the others notice 3 s later. */
  kill(): Promise<void>
  /** Resolves when the broker serves again, not when its replicas have caught up. */
  start(): Promise<void>
}

/** One way to get a Kafka. */
export type Attempt =
  | { readonly kind: 'running'; readonly kafka: RunningKafka }
  /** Not to be had here; the next way may do. */
  | { readonly kind: 'unavailable'; readonly reason: string }

/** Told about steps that take long enough to wonder about. */
export type Progress = (message: string) => void

export function isKafkaKind(text: string): text is KafkaKind {
  return (kafkaKinds as readonly string[]).includes(text)
}

/** Pinned together with `docker/kafka/pom.xml` and the default image. */
export const kafkaVersion = '4.3.1'

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
