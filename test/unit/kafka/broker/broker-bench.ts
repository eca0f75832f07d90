/** A broker on a table: requests as messages, time moved by hand. */
import { Broker } from '../../../../src/kafka/broker/broker.ts'
import type { BrokerOptions } from '../../../../src/kafka/broker/options.ts'
import type { Effect } from '../../../../src/kafka/broker/request.ts'
import { decodeResponse, encodeRequest } from '../../../../src/kafka/protocol/codec.ts'
import { createTopics } from '../../../../src/kafka/protocol/messages/index.ts'
import { RecordBatchBuilder } from '../../../../src/kafka/protocol/record-batch/index.ts'
import { Reader } from '../../../../src/kafka/protocol/reader.ts'
import type { Api, Decoded, Encodable, Fields } from '../../../../src/kafka/protocol/schema.ts'
import { nodeId } from '../../../../src/model/ids.ts'

export interface Asked<P extends Fields> {
  /** The answer; undefined while there is none. */
  readonly answer: Decoded<P> | undefined
  /** The answer. @throws Error while there is none. */
  get(): Decoded<P>
}

export class BrokerBench {
  readonly broker: Broker
  now = 1_000_000
  /** Reasons of the connections that the broker closed. */
  readonly closed: string[] = []
  readonly #answers = new Map<number, Uint8Array>()
  #asked = 0

  constructor(options: Partial<BrokerOptions> = {}) {
    this.broker = new Broker(options)
  }

  /** One request on a connection of its own, unless one is named. */
  ask<Q extends Fields, P extends Fields>(
    api: Api<Q, P>,
    apiVersion: number,
    message: Encodable<Q>,
    from: { readonly connection?: string; readonly node?: number; readonly clientId?: string } = {},
  ): Asked<P> {
    const id = ++this.#asked
    const { body } = encodeRequest(api, apiVersion, message)
    const request = {
      id,
      connection: from.connection ?? `c${id}`,
      node: nodeId(from.node ?? 1),
      clientId: from.clientId ?? 'test',
      clientHost: '/127.0.0.1',
      apiKey: api.key,
      apiVersion,
      body: Buffer.concat(body),
    }
    this.#take(this.broker.handle(request, this.now))
    const read = () => {
      const bytes = this.#answers.get(id)
      return bytes === undefined ? undefined : decodeResponse(api, apiVersion, new Reader(bytes))
    }
    return {
      get answer() {
        return read()
      },
      get() {
        const answer = read()
        if (answer === undefined) throw new Error(`${api.name} has no answer yet`)
        return answer
      },
    }
  }

  /** Lets time pass; every deadline on the way is met at its moment. */
  pass(ms: number): void {
    const end = this.now + ms
    for (let next = this.broker.nextDeadline(); next <= end; next = this.broker.nextDeadline()) {
      this.now = Math.max(this.now, next)
      this.#take(this.broker.tick(this.now))
    }
    this.now = end
  }

  /** Hears of what a test changed behind the requests' back. */
  poke(): void {
    this.#take(this.broker.tick(this.now))
  }

  #take(effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.kind === 'respond') this.#answers.set(effect.request, Buffer.concat(effect.body))
      if (effect.kind === 'close') this.closed.push(effect.reason)
    }
  }

  topic(name: string, partitions = 1, configs: Record<string, string> = {}): void {
    const { topics } = this.ask(createTopics, 7, {
      topics: [
        {
          name,
          numPartitions: partitions,
          replicationFactor: -1,
          assignments: [],
          configs: Object.entries(configs).map(([name, value]) => ({ name, value })),
        },
      ],
    }).get()
    if (topics[0]?.errorCode !== 0) throw new Error(`topic ${name}: ${topics[0]?.errorMessage}`)
  }
}

export interface BatchOf {
  readonly producerId?: number
  readonly producerEpoch?: number
  readonly baseSequence?: number
  readonly isTransactional?: boolean
  readonly timestamp?: number
}

/** A record batch of strings, `key=value` or a value alone; the value `null` is a tombstone. */
export function batchOf(records: readonly string[], about: BatchOf = {}): Uint8Array {
  const builder = new RecordBatchBuilder(10_000_000)
  for (const text of records) {
    const [first = '', second] = text.split('=')
    const key = Buffer.from(second === undefined ? '' : first)
    const value = Buffer.from(second ?? first)
    const noKey = second === undefined
    const none = second === 'null'
    builder.append(
      about.timestamp ?? 1_000_000,
      key,
      noKey ? -1 : 0,
      key.length,
      value,
      none ? -1 : 0,
      value.length,
      [],
    )
  }
  return Uint8Array.from(builder.finish(about))
}
