/**
 * The part of kafkajs 2.2.4 that is used: connections with TLS and SASL. Its types do not show it,
 * so its shape is probed before the first connection is made. kafkajs is pinned for this reason.
 */
import kafkajs, { type KafkaConfig, type LogEntry } from 'kafkajs'
import type { Logger } from '../../env/port.ts'
import { StreamError } from '../../model/errors.ts'

/** kafkajs' `network/connection.js`. */
export interface KafkajsConnection {
  readonly requestQueue: KafkajsRequestQueue
  /** Milliseconds before the end of a SASL session at which `isAuthenticated` begins to say no. */
  reauthenticationThreshold: number
  /** Milliseconds as a Long; 0: no limit. */
  readonly sessionLifetime: { toString(): string }
  connect(): Promise<unknown>
  disconnect(): Promise<unknown>
  authenticate(): Promise<void>
  isConnected(): boolean
  isAuthenticated(): boolean
  setVersions(versions: Readonly<Record<number, KafkajsVersionRange>>): void
  setSupportAuthenticationProtocol(supported: boolean): void
  nextCorrelationId(): number
  rejectRequests(error: Error): void
}

export interface KafkajsVersionRange {
  readonly minVersion: number
  readonly maxVersion: number
}

interface KafkajsRequestQueue {
  fulfillRequest(answer: {
    readonly size: number
    readonly correlationId: number
    readonly payload: Uint8Array
  }): void
  push(request: {
    readonly entry: {
      readonly apiKey: number
      readonly apiName: string
      readonly apiVersion: number
      readonly correlationId: number
      readonly resolve: (answer: { readonly payload: Uint8Array }) => void
      readonly reject: (error: Error) => void
    }
    readonly expectResponse: boolean
    readonly requestTimeout: null
    readonly sendRequest: () => void
  }): void
  scheduleCheckPendingRequests(): void
}

export interface ConnectionFactory {
  /** A connection that is not connected yet. */
  create(host: string, port: number): Promise<KafkajsConnection>
}

export interface TransportSettings {
  readonly ssl: KafkaConfig['ssl']
  readonly sasl: KafkaConfig['sasl']
  readonly clientId: string
  readonly connectTimeoutMs: number
  /** Makes the socket: kafkajs has it call `onConnect` once the connection (and TLS) stands. */
  readonly socketFactory: NonNullable<KafkaConfig['socketFactory']>
}

/**
 * Gets at kafkajs' connection builder through its public assigner factory, which is handed the
 * cluster object. The consumer is never run.
 * @throws StreamError `KAFKAJS_INCOMPATIBLE`
 */
export function connectionFactory(settings: TransportSettings, logger: Logger): ConnectionFactory {
  let captured: unknown
  const kafka = new kafkajs.Kafka({
    brokers: ['unused:0'],
    clientId: settings.clientId,
    connectionTimeout: settings.connectTimeoutMs,
    enforceRequestTimeout: false,
    socketFactory: settings.socketFactory,
    logCreator: () => (entry) => log(logger, entry),
    ...(settings.ssl === undefined ? {} : { ssl: settings.ssl }),
    // A copy: kafkajs keeps its authenticator, with the password, in the object it is given.
    ...(settings.sasl === undefined ? {} : { sasl: { ...settings.sasl } }),
  })
  kafka.consumer({
    groupId: 'unused',
    partitionAssigners: [
      ({ cluster }) => {
        captured = cluster
        return {
          name: 'unused',
          version: 0,
          protocol: () => ({ name: 'unused', metadata: Buffer.alloc(0) }),
          assign: () => Promise.resolve([]),
        }
      },
    ],
  })
  if (!isCluster(captured)) throw incompatible('connectionPoolBuilder.build')
  const { connectionPoolBuilder } = captured
  return {
    async create(host, port) {
      const built: unknown = await connectionPoolBuilder.build({ host, port })
      const connection = has(built, 'pool') && Array.isArray(built.pool) ? built.pool[0] : undefined
      if (!isConnection(connection)) throw incompatible(missingMethods(connection).join(', '))
      // After each answer it would set a timer of 1 ms that sets the next one, for ever. It serves
      // a queue of waiting requests, of which there are none: nothing here limits requests in
      // flight.
      connection.requestQueue.scheduleCheckPendingRequests = () => {}
      return connection
    },
  }
}

/** What the wire says of a failure is in its errors; kafkajs' own lines are for debugging. */
function log(logger: Logger, entry: LogEntry): void {
  const { namespace, label } = entry
  logger.debug({ kafkajs: namespace, level: label, broker: entry.log['broker'] }, entry.log.message)
}

function incompatible(what: string): StreamError {
  return new StreamError(
    'KAFKAJS_INCOMPATIBLE',
    `the installed kafkajs lacks ${what}; install version 2.2.4, which this release is made for`,
    { domain: 'external', recovery: 'fatal' },
  )
}

function has<Name extends string>(value: unknown, name: Name): value is Record<Name, unknown> {
  return typeof value === 'object' && value !== null && name in value
}

interface KafkajsCluster {
  readonly connectionPoolBuilder: {
    build(at: { readonly host: string; readonly port: number }): Promise<unknown>
  }
}

function isCluster(value: unknown): value is KafkajsCluster {
  return (
    has(value, 'connectionPoolBuilder') &&
    has(value.connectionPoolBuilder, 'build') &&
    typeof value.connectionPoolBuilder.build === 'function'
  )
}

const connectionMethods = [
  'connect',
  'disconnect',
  'authenticate',
  'isConnected',
  'isAuthenticated',
  'setVersions',
  'setSupportAuthenticationProtocol',
  'nextCorrelationId',
  'rejectRequests',
]
const queueMethods = ['push', 'fulfillRequest', 'rejectAll', 'scheduleCheckPendingRequests']

function isConnection(value: unknown): value is KafkajsConnection {
  return missingMethods(value).length === 0
}

function missingMethods(connection: unknown): readonly string[] {
  const lacks = (value: unknown) => (name: string) =>
    !has(value, name) || typeof value[name] !== 'function'
  const queue = has(connection, 'requestQueue') ? connection.requestQueue : undefined
  return [
    ...connectionMethods.filter(lacks(connection)).map((name) => `Connection.${name}`),
    ...queueMethods.filter(lacks(queue)).map((name) => `RequestQueue.${name}`),
  ]
}
