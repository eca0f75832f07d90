/**
 * Every option, once: parsing, checks, environment names, flags and documentation come from here.
 */
import { z } from 'zod'
import { choice, duration, integer, list, type Option, optional, size } from './option.ts'
import { structure, text } from './option.ts'
import { storeBackends } from '../state/spec.ts'

const kafka = (doc: string) => ({ section: 'Kafka', doc }) as const
const application = (doc: string) => ({ section: 'Application', doc }) as const
const epochs = (doc: string) => ({ section: 'Epochs', doc }) as const
const group = (doc: string) => ({ section: 'Group', doc }) as const
const state = (doc: string) => ({ section: 'State', doc }) as const
const reading = (doc: string) => ({ section: 'Reading', doc }) as const
const writing = (doc: string) => ({ section: 'Writing', doc }) as const
const operations = (doc: string) => ({ section: 'Operations', doc }) as const
const tools = (doc: string) => ({ section: 'Tools', doc }) as const

const tlsWrong = 'expected true, false or { ca, cert, key, servername, rejectUnauthorized }'
const tls = z.union(
  [
    z.boolean(),
    z.strictObject({
      ca: z.string().optional(),
      cert: z.string().optional(),
      key: z.string().optional(),
      passphrase: z.string().optional(),
      servername: z.string().optional(),
      rejectUnauthorized: z.boolean().optional(),
    }),
  ],
  tlsWrong,
)
const mechanisms = ['plain', 'scram-sha-256', 'scram-sha-512'] as const
const word = { username: z.string(), password: z.string() }
const login = z.union(
  [
    z.strictObject({ mechanism: z.literal('plain'), ...word }),
    z.strictObject({ mechanism: z.literal('scram-sha-256'), ...word }),
    z.strictObject({ mechanism: z.literal('scram-sha-512'), ...word }),
  ],
  'expected { mechanism, username, password }',
)

export const optionTable = {
  brokers: list(['localhost:9092'], kafka('Bootstrap brokers, host:port; one is enough.')),
  clientId: text('millrace', kafka('Name of this client in logs and quotas of the brokers.')),
  ssl: structure(
    tls,
    'true, false, { ca, cert, key, passphrase, servername, rejectUnauthorized } (PEM texts)',
    true,
    kafka('TLS to the brokers. Default: none.'),
  ),
  sasl: structure(
    login,
    `{ mechanism: ${mechanisms.join(' or ')}, username, password }`,
    true,
    kafka('Login at the brokers. Default: none.'),
  ),
  connectTimeout: duration('10s', '100ms', '5m', kafka('For a connection with its handshakes.')),
  requestTimeout: duration('30s', '1s', '10m', kafka('For one request and its answer.')),

  applicationId: optional(
    text('', application('Consumer group and prefix of internal topics. Default: the topology.')),
  ),
  threads: integer(
    1,
    1,
    64,
    application('Workers in this process; each has its own thread, member and producer.'),
  ),
  stateDir: text(
    '.millrace',
    application('Directory of identity and local state; each process needs one of its own.'),
  ),
  instanceId: text(
    'auto',
    application(
      'auto: identity kept in stateDir, a restarted process takes over at once. none: a new ' +
        'member at each start, nothing is kept. Other text: this identity.',
    ),
  ),
  topicWait: duration(
    '10s',
    '0ms',
    '10m',
    application('How long a start waits for source topics that do not exist yet.'),
  ),
  topicDiscovery: duration(
    '1m',
    '100ms',
    '1d',
    application('How often topics are looked for that the pattern of a source matches.'),
  ),
  stopTimeout: duration(
    '30s',
    '1s',
    '10m',
    application('For the last commit of a clean stop; afterwards the open epoch is dropped.'),
  ),

  workerFailure: choice(
    'stop',
    ['stop', 'replace', 'stop-application'],
    application(
      'When a worker ends with an error. stop: this process ends with it. replace: another takes ' +
        'its place, after a second at first and a minute at most. stop-application: all ' +
        'processes of the application end.',
    ),
  ),

  commitInterval: duration(
    '100ms',
    '10ms',
    '10m',
    epochs('An epoch is cut this long after the one before it.'),
  ),
  epochBytesMax: size('12MiB', '64KiB', '256MiB', epochs('Output that cuts an epoch earlier.')),
  epochRecordsMax: integer(
    1_000_000,
    1,
    100_000_000,
    epochs('Processed records that cut an epoch earlier.'),
  ),
  transactionTimeout: duration(
    '10s',
    '1s',
    '15m',
    epochs('After this the broker aborts the transaction of a worker that is gone.'),
  ),
  recoveryTimeout: duration(
    '5m',
    '1s',
    '24h',
    epochs('A worker that cannot commit or recover for so long stops with the last error.'),
  ),
  sliceTime: duration(
    '10ms',
    '1ms',
    '1s',
    epochs('Processing between two turns for I/O; also what a task gets before the next one.'),
  ),

  sessionTimeout: duration(
    '10s',
    '6s',
    '30m',
    group('A worker that is silent for so long loses its tasks to others.'),
  ),
  heartbeatInterval: duration(
    '500ms',
    '100ms',
    '10m',
    group('Between two heart-beats; a member learns of a rebalance by the next one.'),
  ),
  rebalanceTimeout: duration(
    '1m',
    '1s',
    '30m',
    group('For all members to commit and join again when the group changes.'),
  ),

  numStandby: integer(
    0,
    0,
    8,
    group('Copies of the stores of each task that other processes keep up to date.'),
  ),
  acceptableLag: integer(
    10_000,
    0,
    1_000_000_000,
    group(
      'A worker whose stores are at most so many offsets behind may get their task; one that is ' +
        'further behind warms up first, while the task stays where it is.',
    ),
  ),
  tags: structure(
    z.record(z.string().min(1), z.string(), 'expected names with texts'),
    '{ name: text, … }',
    false,
    group('Where the process runs, as { "zone": "a" }: copies are spread over different values.'),
  ),

  stateBackend: choice(
    'lmdb',
    storeBackends,
    state(
      'Where stores are kept that do not say it themselves. lmdb: in stateDir, so that a restart ' +
        'reads only what it missed. memory: a restart reads the whole changelog.',
    ),
  ),
  stateFlushInterval: duration(
    '5s',
    '100ms',
    '1h',
    state(
      'Committed changes go from memory to the files so often; a crash reads them from the ' +
        'changelog again.',
    ),
  ),
  stateCacheBytes: size(
    '1GiB',
    '1MiB',
    '1024GiB',
    state(
      'Memory of the process for entries of stores that are in files too; above it those that ' +
        'were not used for longest go. Stores that are in memory only are not counted.',
    ),
  ),
  stateCleanupDelay: duration(
    '10m',
    '1s',
    '30d',
    state('The files of a task that is not here any more are deleted after this time.'),
  ),
  stateMaxAge: duration(
    '24h',
    '1m',
    '365d',
    state(
      'Files that no worker had open for so long are not used any more: deletions may be gone ' +
        'from the changelog by then (delete.retention.ms of the topic).',
    ),
  ),

  fetchWait: optional(
    duration(
      '25ms',
      '1ms',
      '30s',
      reading(
        'How long a broker holds a fetch that has less than fetchBytesMin; less, where an epoch ' +
          'is cut before. Default: half of commitInterval, 25 ms to 250 ms.',
      ),
    ),
  ),
  fetchBytesMin: size('32KiB', '1B', '64MiB', reading('What a broker waits for, up to fetchWait.')),
  fetchBytesMax: size('8MiB', '1KiB', '256MiB', reading('Of one answer of one broker.')),
  fetchPartitionBytesMax: size('1MiB', '1KiB', '256MiB', reading('Of one partition in an answer.')),
  fetchBufferBytesMax: size(
    '32MiB',
    '64KiB',
    '1GiB',
    reading('Fetched and not yet queued; above it no further fetch goes out.'),
  ),
  queueBytesMax: size(
    '4MiB',
    '16KiB',
    '1GiB',
    reading('Queued of one input of a task: above it reading pauses, below half it resumes.'),
  ),
  restoreBytesMax: size('32MiB', '64KiB', '1GiB', reading('Of one answer while stores restore.')),

  compression: choice(
    'none',
    ['none', 'gzip', 'lz4', 'zstd'],
    writing('Of record batches, internal topics included.'),
  ),
  batchBytesMax: size(
    '1000000B',
    '1KiB',
    '256MiB',
    writing('Of one record batch before compression; topics have to allow it.'),
  ),
  deliveryTimeout: duration(
    '30s',
    '1s',
    '10m',
    writing('For a step of a transaction with all its retries.'),
  ),
  replicationFactor: integer(
    -1,
    -1,
    32_767,
    writing('Of internal topics; −1: as the broker has it.'),
  ),
  repartitionPurgeInterval: duration(
    '30s',
    '100ms',
    '24h',
    writing(
      'Committed records of repartition topics, and what changelogs have of closed windows, are ' +
        'deleted so often.',
    ),
  ),

  port: optional(
    integer(
      0,
      0,
      65_535,
      operations(
        'HTTP port of health, metrics, API and queries; 0: any free one. Default: none is open.',
      ),
    ),
  ),
  host: text(
    '127.0.0.1',
    operations('Address that `port` listens on; there is no login. 0.0.0.0: all of them.'),
  ),
  advertisedHost: optional(
    text(
      '',
      operations(
        'Host by which other workers reach `port`, for queries. Default: host; for all addresses ' +
          'the name of the machine.',
      ),
    ),
  ),

  logLevel: choice(
    'info',
    ['debug', 'info', 'warn', 'error', 'silent'],
    tools('Lines below this level are not written.'),
  ),
}

export type OptionName = keyof typeof optionTable

/** Checked values: durations in milliseconds, sizes in bytes. */
export type Settings = {
  readonly [Name in OptionName]: (typeof optionTable)[Name] extends Option<infer Value>
    ? Value
    : never
}

export const optionNames = Object.keys(optionTable).filter(isOptionName)

export function isOptionName(name: string): name is OptionName {
  return Object.hasOwn(optionTable, name)
}

/** `MILLRACE_COMMIT_INTERVAL` */
export function environmentName(name: OptionName): string {
  return `MILLRACE_${name.replace(/[A-Z]/g, (capital) => `_${capital}`).toUpperCase()}`
}

/** `--commit-interval` */
export function flagName(name: OptionName): string {
  return `--${name.replace(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`)}`
}
