/** How an embedded cluster behaves; defaults are Apache Kafka's unless said otherwise. */
export interface BrokerOptions {
  readonly clusterId: string
  /** Brokers that are simulated, with ids from 1. @default 1 */
  readonly nodes: number
  /** Mixed into topic and member ids, so that those of two clusters differ. @default 'millrace' */
  readonly seed: string
  /**
   * Whether Metadata and Produce create a missing topic.
   * @default false (Apache Kafka: true)
   */
  readonly autoCreateTopics: boolean
  /** Partitions of a topic that is created without a count. @default 1 */
  readonly partitionsDefault: number
  /** `message.max.bytes`: a record batch at most. @default 1048588 */
  readonly messageBytesMax: number
  /** `fetch.max.bytes`: a fetch answer at most, one batch aside. @default 57671680 */
  readonly fetchBytesMax: number
  /**
   * Level of the feature transaction.version: 2 has KIP-890. 0 stands for brokers before 4.0.
   * @default 2
   */
  readonly transactionVersion: 0 | 1 | 2
  /** Highest version by API name, lower than the tables', to stand in for older brokers. */
  readonly versionsMax: Readonly<Record<string, number>>
  /** `transaction.max.timeout.ms`. @default 900000 */
  readonly transactionTimeoutMsMax: number
  /**
   * Time from EndTxn's answer until the markers are written. Real brokers need some milliseconds,
   * in which the
   * transactional id answers CONCURRENT_TRANSACTIONS. @default 0
   */
  readonly markerDelayMs: number
  /**
   * Time between the markers of a transaction: its groups' first, then one partition after the
   * other, as brokers that are slow get them. @default 0: all at once
   */
  readonly markerSpreadMs: number
  /** `group.min.session.timeout.ms`. @default 6000 */
  readonly sessionTimeoutMsMin: number
  /** `group.max.session.timeout.ms`. @default 1800000 */
  readonly sessionTimeoutMsMax: number
  /**
   * `group.initial.rebalance.delay.ms`: how long the first join of an empty group waits for others.
   * @default 0 (Apache Kafka: 3000)
   */
  readonly initialRebalanceDelayMs: number
  /** `offset.metadata.max.bytes`. @default 4096 */
  readonly offsetMetadataBytesMax: number
}

export const defaultBrokerOptions: BrokerOptions = {
  clusterId: 'millrace-embedded-kafka',
  nodes: 1,
  seed: 'millrace',
  autoCreateTopics: false,
  partitionsDefault: 1,
  messageBytesMax: 1_048_588,
  fetchBytesMax: 57_671_680,
  transactionVersion: 2,
  versionsMax: {},
  transactionTimeoutMsMax: 900_000,
  markerDelayMs: 0,
  markerSpreadMs: 0,
  sessionTimeoutMsMin: 6_000,
  sessionTimeoutMsMax: 1_800_000,
  initialRebalanceDelayMs: 0,
  offsetMetadataBytesMax: 4_096,
}
