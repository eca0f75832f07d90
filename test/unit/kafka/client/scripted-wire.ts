/** A wire whose brokers answer as a test says: one function per API. */
import {
  decodeRequest,
  type EncodedRequest,
  encodeResponse,
} from '../../../../src/kafka/protocol/codec.ts'
import { apis } from '../../../../src/kafka/protocol/messages/index.ts'
import { Reader } from '../../../../src/kafka/protocol/reader.ts'
import {
  type Api,
  type Decoded,
  type Encodable,
  type Fields,
  versionRange,
} from '../../../../src/kafka/protocol/schema.ts'
import type { BrokerAddress, KafkaWire, LaneName, WireLane } from '../../../../src/kafka/wire.ts'
import { type NodeId, nodeId } from '../../../../src/model/ids.ts'

export interface Sent {
  readonly api: string
  readonly version: number
  readonly node: NodeId
  readonly lane: LaneName
  readonly timeoutMs: number
  readonly message: unknown
}

type Answer = (message: never, node: NodeId) => unknown

export class ScriptedWire implements KafkaWire {
  readonly sent: Sent[] = []
  learnt: readonly BrokerAddress[] = []
  features: Readonly<Record<string, number>> = {}
  closed = false
  readonly #answers = new Map<number, Answer>()
  readonly #ranges = new Map<number, { readonly min: number; readonly max: number } | undefined>()

  /** What brokers say to an API: a message, or an error to throw. */
  on<Q extends Fields, P extends Fields>(
    api: Api<Q, P>,
    answer: (message: Decoded<Q>, node: NodeId) => Encodable<P> | Error | Promise<Encodable<P>>,
  ): this {
    this.#answers.set(api.key, answer)
    return this
  }

  /**
   * Versions that brokers have, where they are not those of the tables; undefined: they lack it.
   */
  speaks(api: Api, range: { readonly min: number; readonly max: number } | undefined): this {
    this.#ranges.set(api.key, range)
    return this
  }

  asked(api: Api): readonly Sent[] {
    return this.sent.filter((sent) => sent.api === api.name)
  }

  connect(): Promise<void> {
    return Promise.resolve()
  }

  anyNode(): NodeId {
    return this.learnt[0]?.nodeId ?? nodeId(-1)
  }

  learn(brokers: readonly BrokerAddress[]): void {
    this.learnt = brokers
  }

  apiVersions() {
    return Promise.resolve({
      range: (apiKey: number) => {
        if (this.#ranges.has(apiKey)) return this.#ranges.get(apiKey)
        const api = apis.find(({ key }) => key === apiKey)
        if (api === undefined) return undefined
        const { from, to } = versionRange(api.versions)
        return { min: from, max: to }
      },
      feature: (name: string) => this.features[name] ?? 0,
    })
  }

  lane(lane: LaneName): WireLane {
    return {
      send: (node, request, timeoutMs) => this.#answer(lane, node, request, timeoutMs),
      isOpen: () => true,
      drop: () => {},
      close: () => Promise.resolve(),
    }
  }

  close(): Promise<void> {
    this.closed = true
    return Promise.resolve()
  }

  async #answer(
    lane: LaneName,
    node: NodeId,
    request: EncodedRequest,
    timeoutMs: number,
  ): Promise<Uint8Array> {
    const api: Api | undefined = apis.find(({ key }) => key === request.apiKey)
    const answer = this.#answers.get(request.apiKey)
    if (api === undefined || answer === undefined) throw new Error(`no script: ${request.apiName}`)
    const version = request.apiVersion
    const message = decodeRequest(api, version, new Reader(Buffer.concat(request.body)))
    this.sent.push({ api: api.name, version, node, lane, timeoutMs, message })
    const said = await answer(message as never, node)
    if (said instanceof Error) throw said
    return Buffer.concat(encodeResponse(api, version, said as never))
  }
}
