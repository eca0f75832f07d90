/** The client, composed: one wire, shared caches, and the parts that the port names. */
import type { Env } from '../../env/port.ts'
import { endTxn, produce, txnOffsetCommit } from '../protocol/messages/index.ts'
import type { Compress, Decompress } from '../protocol/record-batch/index.ts'
import type { ApiVersionTable, KafkaWire } from '../wire.ts'
import { toStreamError } from './failure.ts'
import { kafkaAdmin } from './admin/index.ts'
import type { ClientContext } from './context.ts'
import { Coordinators } from './coordinators.ts'
import { Metadata } from './metadata.ts'
import { createFetcher } from './fetch/index.ts'
import { ClassicGroupMember } from './membership/group-member.ts'
import type { Capabilities, KafkaClient } from './port.ts'
import { Requests } from './request.ts'
import { transactionalProducer } from './transactions/producer.ts'
import { speaks } from './versions.ts'

export interface KafkaClientOptions {
  readonly wire: KafkaWire
  readonly env: Env
  readonly compress: Compress
  readonly decompress: Decompress
  /** A question and all its retries end within this time. @default 30000 (milliseconds) */
  readonly requestTimeoutMs?: number
  /** Use the older transaction protocol even where the cluster has KIP-890. */
  readonly transactionProtocol?: 1
}

/**
 * The whole client. Closing it closes its wire, and ends what is being tried again.
 * @throws StreamError as `connectContext`
 */
export async function connectKafka(options: KafkaClientOptions): Promise<KafkaClient> {
  return clientOf(await connectContext(options))
}

/** The client's parts over what they share. */
export function clientOf(context: ClientContext): KafkaClient {
  const parts: { close(): Promise<void> }[] = []
  const opened = <Part extends { close(): Promise<void> }>(part: Part): Part => {
    parts.push(part)
    return part
  }
  return {
    capabilities: context.capabilities,
    admin: kafkaAdmin(context),
    fetcher: (options) => opened(createFetcher(context, options)),
    producer: (options) => opened(transactionalProducer(context, options)),
    member: (options) => opened(new ClassicGroupMember(context, options)),
    async close() {
      context.requests.close()
      // What its holder forgot to close would try again for ever, and keep the process. It is not
      // waited for: closing the wire ends what it waits for.
      for (const part of parts.splice(0)) part.close().catch(() => undefined)
      await context.wire.close()
    },
  }
}

/**
 * Connects, reads metadata, and finds out what the cluster can do.
 * @throws StreamError `BROKER_UNREACHABLE` with each address and its reason,
 * `AUTHENTICATION_FAILED`, `TLS_FAILED`
 */
export async function connectContext(options: KafkaClientOptions): Promise<ClientContext> {
  const { wire, env, compress, decompress, requestTimeoutMs = 30_000 } = options
  const doing = 'connecting to Kafka'
  try {
    await wire.connect()
    const requests = new Requests(wire, env)
    const metadata = new Metadata(wire, requests, env, requestTimeoutMs)
    await metadata.refresh()
    const versions = await wire.apiVersions(wire.anyNode())
    const context: ClientContext = {
      wire,
      env,
      requests,
      metadata,
      coordinators: new Coordinators(wire, requests, metadata, requestTimeoutMs),
      capabilities: capabilities(versions, metadata.clusterId, options.transactionProtocol),
      compress,
      decompress,
      requestTimeoutMs,
    }
    return context
  } catch (error) {
    await wire.close()
    throw toStreamError(error, doing)
  }
}

/**
 * KIP-890 is spoken only as a whole, and only where the cluster has finalised it: mixing both
 * protocols in one transaction loses its guarantees.
 */
function capabilities(
  versions: ApiVersionTable,
  clusterId: string | null,
  forced: 1 | undefined,
): Capabilities {
  const whole =
    versions.feature('transaction.version') >= 2 &&
    speaks(produce, versions, 12) &&
    speaks(txnOffsetCommit, versions, 5) &&
    speaks(endTxn, versions, 5)
  return { transactionProtocol: forced ?? (whole ? 2 : 1), clusterId }
}
