import { apiVersions } from '../../protocol/messages/index.ts'
import type { Encodable } from '../../protocol/schema.ts'
import type { Cluster } from '../cluster.ts'
import { code } from '../codes.ts'
import { type Handler, handler } from '../handler.ts'
import { supportedVersions } from '../versions.ts'

type Answer = Encodable<typeof apiVersions.response>

/** Since this version clients say what they are (KIP-511). */
const softwareSince = 3
const software = /^[a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?$/

/** Knows all other APIs, which it lists beside itself. */
export function apiVersionsApi(others: readonly Handler[]): Handler {
  const own: Handler = handler(apiVersions, (cluster, message, { apiVersion }) => {
    const { clientSoftwareName, clientSoftwareVersion } = message
    const named = software.test(clientSoftwareName) && software.test(clientSoftwareVersion)
    if (apiVersion >= softwareSince && !named) {
      return { answer: { errorCode: code.invalidRequest, apiKeys: [] } }
    }
    const answer = { ...listed(cluster, [...others, own]), ...features(cluster, apiVersion) }
    return { answer }
  })
  return own
}

/** What a client gets that asks in a version unknown here: the list, in version 0. */
export function unsupportedApiVersions(cluster: Cluster, handlers: readonly Handler[]): Answer {
  return { ...listed(cluster, handlers), errorCode: code.unsupportedVersion }
}

/**
 * Versions that are listed and refused all the same, as Apache Kafka 4 does: librdkafka does not
 * compress where Produce 0 is missing (KAFKA-18659).
 */
const listedFrom: Readonly<Record<string, number>> = { Produce: 0 }

function listed(cluster: Cluster, handlers: readonly Handler[]): Answer {
  const apiKeys = handlers.map(({ api }) => {
    const { min, max } = supportedVersions(api, cluster.options)
    return { apiKey: api.key, minVersion: listedFrom[api.name] ?? min, maxVersion: max }
  })
  return { errorCode: 0, apiKeys: apiKeys.sort((a, b) => a.apiKey - b.apiKey) }
}

function features({ options }: Cluster, version: number): Partial<Answer> {
  const level = options.transactionVersion
  if (level === 0) return { supportedFeatures: [], finalizedFeaturesEpoch: 0 }
  const name = 'transaction.version'
  // Clients before version 4 take a lowest level of 0 for an error (KAFKA-17011).
  const supportedFeatures = version < 4 ? [] : [{ name, minVersion: 0, maxVersion: 2 }]
  const finalizedFeatures = [{ name, maxVersionLevel: level, minVersionLevel: level }]
  return { supportedFeatures, finalizedFeaturesEpoch: 1, finalizedFeatures }
}
