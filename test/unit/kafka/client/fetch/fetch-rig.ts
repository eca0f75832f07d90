/** A fetcher over scripted brokers: each fetch waits until the test answers it. */
import type { ClientContext } from '../../../../../src/kafka/client/context.ts'
import { Coordinators } from '../../../../../src/kafka/client/coordinators.ts'
import { createFetcher } from '../../../../../src/kafka/client/fetch/index.ts'
import { Metadata } from '../../../../../src/kafka/client/metadata.ts'
import type { Fetcher, FetcherOptions } from '../../../../../src/kafka/client/port.ts'
import { Requests } from '../../../../../src/kafka/client/request.ts'
import { fetch, metadata as metadataApi } from '../../../../../src/kafka/protocol/messages/index.ts'
import { assignOffsets } from '../../../../../src/kafka/protocol/record-batch/index.ts'
import type { Decoded, Encodable } from '../../../../../src/kafka/protocol/schema.ts'
import type { RecordBatch } from '../../../../../src/model/record.ts'
import { VirtualEnv } from '../../../../../src/testing/virtual-env.ts'
import { encoded, record, recordsOf, textOf } from '../../protocol/record-batch/batches.ts'
import { ScriptedWire } from '../scripted-wire.ts'

type Request = Decoded<(typeof fetch)['request']>
type Response = Encodable<(typeof fetch)['response']>
type PartitionResponse = NonNullable<
  NonNullable<Response['responses']>[number]['partitions']
>[number]

/** What a test lets a broker say of one partition. */
export type Said = Partial<PartitionResponse> & { readonly partition: number }

interface PendingFetch {
  readonly node: number
  readonly version: number
  readonly request: Request
  /** Partitions asked for, in order, as `topic-partition@offset`. */
  readonly asked: readonly string[]
  answer(topic: string, ...said: readonly Said[]): Promise<void>
  fail(error: Error): Promise<void>
}

export const topicId = (name: string) => Buffer.from(name).toString('hex').padEnd(32, '0')

const defaults: FetcherOptions = {
  isolation: 'read_committed',
  waitMs: 100,
  bytesMin: 1,
  bytesMax: 1 << 20,
  partitionBytesMax: 1 << 18,
  bufferBytesMax: 1 << 20,
  lane: 'fetch',
}

export class FetchRig {
  readonly env = new VirtualEnv()
  readonly wire = new ScriptedWire()
  readonly context: ClientContext
  readonly fetcher: Fetcher
  /** Leader and leader epoch by topic and partition; −1: none. */
  readonly leaders: Record<string, { node: number; epoch: number }[]> = {
    lines: [0, 1, 2].map(() => ({ node: 1, epoch: 4 })),
  }
  /** Error codes of topics that metadata does not tell. */
  readonly refused: Record<string, number> = {}
  topicIds = true
  /** Topics that metadata tells with another id than at first. */
  readonly recreated = new Set<string>()
  #pending: PendingFetch[] = []

  constructor(options: Partial<FetcherOptions> = {}) {
    const { env, wire } = this
    wire.on(metadataApi, ({ topics }) => this.#describe((topics ?? []).map(({ name }) => name)))
    wire.on(fetch, (message, node) => this.#hold(message, node))
    const requests = new Requests(wire, env)
    const metadata = new Metadata(wire, requests, env, 1000)
    this.context = {
      wire,
      env,
      requests,
      metadata,
      coordinators: new Coordinators(wire, requests, metadata, 1000),
      capabilities: { transactionProtocol: 2, clusterId: null },
      compress: (_, bytes) => bytes,
      decompress: (_, bytes) => bytes,
      requestTimeoutMs: 1000,
    }
    this.fetcher = createFetcher(this.context, { ...defaults, ...options })
  }

  /** Fetches that brokers hold, in the order in which they came. */
  get pending(): readonly PendingFetch[] {
    return this.#pending
  }

  /** Lets everything that is due happen. */
  settle(ms = 0): Promise<void> {
    return this.env.advance(ms)
  }

  /** The one fetch that is held by a node. */
  async held(node = 1): Promise<PendingFetch> {
    await this.settle()
    const [found, second] = this.#pending.filter((one) => one.node === node)
    if (found === undefined || second !== undefined) {
      throw new Error(`${this.#pending.length} fetches are held`)
    }
    return found
  }

  get metadataReads(): number {
    return this.wire.asked(metadataApi).length
  }

  #describe(names: readonly (string | null)[]) {
    return {
      clusterId: 'mill',
      brokers: [1, 2].map((nodeId) => ({ nodeId, host: `broker-${nodeId}`, port: 9092 })),
      topics: names.map((name) => {
        const leaders = this.leaders[name ?? '']
        return {
          name,
          topicId: this.#idOf(name ?? ''),
          errorCode: leaders === undefined ? (this.refused[name ?? ''] ?? 3) : 0,
          partitions: (leaders ?? []).map(({ node, epoch }, partitionIndex) => ({
            errorCode: node < 0 ? 5 : 0,
            partitionIndex,
            leaderId: node,
            leaderEpoch: epoch,
            replicaNodes: [1, 2],
            isrNodes: [1, 2],
          })),
        }
      }),
    }
  }

  #idOf(name: string): string {
    if (!this.topicIds) return '0'.repeat(32)
    return topicId(this.recreated.has(name) ? `${name}-2` : name)
  }

  #hold(request: Request, node: number): Promise<Response> {
    const version = this.wire.asked(fetch).at(-1)?.version ?? -1
    return new Promise((resolve, reject) => {
      const asked = request.topics.flatMap(({ topic, topicId, partitions }) => {
        const name =
          topic === '' ? Buffer.from(topicId, 'hex').toString().replace(/\0+$/, '') : topic
        return partitions.map(({ partition, fetchOffset }) => `${name}-${partition}@${fetchOffset}`)
      })
      const done = () => {
        this.#pending = this.#pending.filter((one) => one !== held)
      }
      const held: PendingFetch = {
        node,
        version,
        request,
        asked,
        answer: (topic, ...said) => {
          done()
          resolve(response(topic, said))
          return this.settle()
        },
        fail: (error) => {
          done()
          reject(error)
          return this.settle()
        },
      }
      this.#pending.push(held)
    })
  }
}

function response(topic: string, said: readonly Said[]): Response {
  const partitions = said.map(({ partition, ...rest }) => ({
    partitionIndex: partition,
    errorCode: 0,
    highWatermark: 1000,
    lastStableOffset: 1000,
    logStartOffset: 0,
    abortedTransactions: null,
    records: null,
    ...rest,
  }))
  return {
    throttleTimeMs: 0,
    errorCode: 0,
    responses: [{ topic, topicId: topicId(topic), partitions }],
  }
}

/** A batch of records with these values at an offset. */
export function batchAt(offset: number, values: readonly string[], leaderEpoch = 4): Uint8Array {
  const bytes = encoded(values.map((value, i) => record(offset + i, null, value)))
  assignOffsets(bytes, offset, leaderEpoch)
  return bytes
}

export function valuesOf(batches: readonly RecordBatch[]): (string | null)[] {
  return batches.flatMap((batch) => recordsOf(batch).map(({ value }) => textOf(value)))
}

/** What a poll gave, in short: `lines-0: a b → 12`. */
export function polled(fetcher: Fetcher, bytesMax = 1 << 20): string[] {
  return fetcher
    .poll(bytesMax)
    .map(
      ({ topic, partition, batches, nextOffset }) =>
        `${topic}-${partition}: ${valuesOf(batches).join(' ')} → ${nextOffset}`,
    )
}
