/**
 * Settings of an Apache Kafka node for development: quick to start, quick to come back after a
 * SIGKILL.
 */
export type BrokerProperties = Readonly<Record<string, string>>

export interface BrokerAddresses {
  /** @default 1 */
  readonly nodeId?: number
  /** @default 1 */
  readonly brokers?: number
  /** False for a broker that leaves this to others. @default true */
  readonly isController?: boolean
  /** What clients connect to, and what the broker tells them to connect to. */
  readonly advertised: string
  readonly listenHost: string
  readonly port: number
  readonly controllerPort: number
  readonly logDirectory: string
}

export function brokerProperties(at: BrokerAddresses): BrokerProperties {
  const { nodeId = 1, brokers = 1, isController = true } = at
  const plain = `PLAINTEXT://${at.listenHost}:${at.port}`
  const controller = `CONTROLLER://${at.listenHost}:${at.controllerPort}`
  return {
    'process.roles': isController ? 'broker,controller' : 'broker',
    'node.id': String(nodeId),
    listeners: isController ? `${plain},${controller}` : plain,
    'advertised.listeners': `PLAINTEXT://${at.advertised}`,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'log.dirs': at.logDirectory,
    'auto.create.topics.enable': 'false',
    ...replication(brokers),
    ...internalTopics,
    ...timing,
    // The default needs 128 MB of heap for itself.
    'log.cleaner.dedupe.buffer.size': '2097152',
    // Tests write records of any age; by default those of 1970 go 30 s after the broker's start.
    'log.retention.ms': '-1',
    // Tests of compacted logs wait for it (the default is 15 s).
    'log.cleaner.backoff.ms': '1000',
  }
}

/** Of three brokers one may be lost without a write being refused. */
function replication(brokers: number): BrokerProperties {
  const replicas = String(Math.min(brokers, 3))
  const inSyncMin = brokers >= 3 ? '2' : '1'
  return {
    'default.replication.factor': replicas,
    'min.insync.replicas': inSyncMin,
    'offsets.topic.replication.factor': replicas,
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': inSyncMin,
    'share.coordinator.state.topic.replication.factor': replicas,
    'share.coordinator.state.topic.min.isr': inSyncMin,
  }
}

const internalTopics: BrokerProperties = {
  'offsets.topic.num.partitions': '4',
  'transaction.state.log.num.partitions': '4',
  'share.coordinator.state.topic.num.partitions': '1',
}

const timing: BrokerProperties = {
  'group.initial.rebalance.delay.ms': '0',
  // The broker's own default refuses sessions under 6 s; tests of lost members want shorter ones.
  'group.min.session.timeout.ms': '1000',
  // A broker that was killed may register again as soon as its old registration has timed out.
  'broker.session.timeout.ms': '3000',
  'broker.heartbeat.interval.ms': '500',
  'transaction.abort.timed.out.transaction.cleanup.interval.ms': '1000',
}

/**
 * The variables by which the apache/kafka image takes properties: `.` → `_`, `_` → `__`, `-` →
 * `___`.
 */
export function imageEnvironment(properties: BrokerProperties): Record<string, string> {
  return Object.fromEntries(
    Object.entries(properties).map(([name, value]) => {
      const escaped = name.replaceAll('_', '__').replaceAll('-', '___').replaceAll('.', '_')
      return [`KAFKA_${escaped.toUpperCase()}`, value]
    }),
  )
}

export function propertiesFile(properties: BrokerProperties): string {
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
}
