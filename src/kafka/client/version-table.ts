/** What brokers say of the versions that they speak. */
import type { NodeId } from '../../model/ids.ts'
import { decodeResponse, encodeRequest } from '../protocol/codec.ts'
import { apiVersions } from '../protocol/messages/index.ts'
import { Reader } from '../protocol/reader.ts'
import type { Decoded } from '../protocol/schema.ts'
import type { ApiVersionTable, WireLane } from '../wire.ts'

const versionsTimeoutMs = 10_000

export function versionTable(answer: Decoded<(typeof apiVersions)['response']>): ApiVersionTable {
  const ranges = new Map(
    answer.apiKeys.map((api) => [api.apiKey, { min: api.minVersion, max: api.maxVersion }]),
  )
  const features = new Map(
    answer.finalizedFeatures.map((feature) => [feature.name, feature.maxVersionLevel]),
  )
  return {
    range: (apiKey) => ranges.get(apiKey),
    feature: (name) => features.get(name) ?? 0,
  }
}

/** Asks each broker once, over a lane of its own; one that did not answer is asked again. */
export class VersionTables {
  readonly #lane: () => WireLane
  readonly #tables = new Map<NodeId, Promise<ApiVersionTable>>()

  constructor(lane: () => WireLane) {
    this.#lane = lane
  }

  of(node: NodeId): Promise<ApiVersionTable> {
    let table = this.#tables.get(node)
    if (table === undefined) {
      table = this.#ask(node)
      table.catch(() => this.#tables.delete(node))
      this.#tables.set(node, table)
    }
    return table
  }

  async #ask(node: NodeId): Promise<ApiVersionTable> {
    const lane = this.#lane()
    const software = { clientSoftwareName: 'millrace', clientSoftwareVersion: '0' }
    try {
      const body = await lane.send(node, encodeRequest(apiVersions, 4, software), versionsTimeoutMs)
      return versionTable(decodeResponse(apiVersions, 4, new Reader(body)))
    } finally {
      await lane.close()
    }
  }
}
