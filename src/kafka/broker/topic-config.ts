/**
 * Topic configuration: what Apache Kafka knows, its defaults, and what of it this broker acts on.
 */
export type ConfigType = 'boolean' | 'string' | 'int' | 'long' | 'double' | 'list'

interface ConfigDefinition {
  readonly type: ConfigType
  readonly fallback: string
  readonly values?: readonly string[]
}

const long = (fallback: string): ConfigDefinition => ({ type: 'long', fallback })
const int = (fallback: string): ConfigDefinition => ({ type: 'int', fallback })
const bool = (fallback: string): ConfigDefinition => ({
  type: 'boolean',
  fallback,
  values: ['true', 'false'],
})

const never = '9223372036854775807'

/** Unknown names are refused with INVALID_CONFIG, as Apache Kafka does. */
export const topicConfigs: Readonly<Record<string, ConfigDefinition>> = {
  'cleanup.policy': { type: 'list', fallback: 'delete', values: ['compact', 'delete'] },
  'compression.gzip.level': int('-1'),
  'compression.lz4.level': int('9'),
  'compression.type': {
    type: 'string',
    fallback: 'producer',
    values: ['uncompressed', 'zstd', 'lz4', 'snappy', 'gzip', 'producer'],
  },
  'compression.zstd.level': int('3'),
  'delete.retention.ms': long('86400000'),
  'file.delete.delay.ms': long('60000'),
  'flush.messages': long(never),
  'flush.ms': long(never),
  'follower.replication.throttled.replicas': { type: 'list', fallback: '' },
  'index.interval.bytes': int('4096'),
  'leader.replication.throttled.replicas': { type: 'list', fallback: '' },
  'local.retention.bytes': long('-2'),
  'local.retention.ms': long('-2'),
  'max.compaction.lag.ms': long(never),
  'max.message.bytes': int('1048588'),
  'message.timestamp.after.max.ms': long('3600000'),
  'message.timestamp.before.max.ms': long(never),
  'message.timestamp.type': {
    type: 'string',
    fallback: 'CreateTime',
    values: ['CreateTime', 'LogAppendTime'],
  },
  'min.cleanable.dirty.ratio': { type: 'double', fallback: '0.5' },
  'min.compaction.lag.ms': long('0'),
  'min.insync.replicas': int('1'),
  preallocate: bool('false'),
  'remote.log.copy.disable': bool('false'),
  'remote.log.delete.on.disable': bool('false'),
  'remote.storage.enable': bool('false'),
  'retention.bytes': long('-1'),
  'retention.ms': long('604800000'),
  'segment.bytes': int('1073741824'),
  'segment.index.bytes': int('10485760'),
  'segment.jitter.ms': long('0'),
  'segment.ms': long('604800000'),
  'unclean.leader.election.enable': bool('false'),
}

/** Why a value is refused; undefined where it is fine. */
export function configProblem(name: string, value: string): string | undefined {
  const definition = topicConfigs[name]
  if (definition === undefined) return `Unknown topic config name: ${name}`
  const items = definition.type === 'list' ? value.split(',') : [value]
  const { values, type } = definition
  if (values !== undefined && !items.every((item) => values.includes(item.trim()))) {
    const allowed = `String must be one of: ${values.join(', ')}`
    return `Invalid value ${value} for configuration ${name}: ${allowed}`
  }
  const pattern = type === 'double' ? /^-?\d+(\.\d+)?$/ : /^-?\d+$/
  if (['int', 'long', 'double'].includes(type) && !pattern.test(value)) {
    const wanted = `Not a number of type ${type.toUpperCase()}`
    return `Invalid value ${value} for configuration ${name}: ${wanted}`
  }
  return undefined
}

/**
 * The settings of one topic that are not the defaults, and those the log acts on in readable form.
 */
export class TopicConfig {
  readonly #set = new Map<string, string>()
  readonly #messageBytesMax: number

  constructor(messageBytesMax: number) {
    this.#messageBytesMax = messageBytesMax
  }

  set(name: string, value: string): void {
    this.#set.set(name, value)
  }

  reset(name: string): void {
    this.#set.delete(name)
  }

  isSet(name: string): boolean {
    return this.#set.has(name)
  }

  get(name: string): string {
    const set = this.#set.get(name)
    if (set !== undefined) return set
    if (name === 'max.message.bytes') return String(this.#messageBytesMax)
    return topicConfigs[name]?.fallback ?? ''
  }

  number(name: string): number {
    return Number(this.get(name))
  }

  list(name: string): readonly string[] {
    return this.get(name)
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '')
  }

  get compacted(): boolean {
    return this.list('cleanup.policy').includes('compact')
  }
}
