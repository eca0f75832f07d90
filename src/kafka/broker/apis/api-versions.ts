import { apiVersions } from '../../protocol/messages/index.ts'
import type { Encodable } from '../../protocol/schema.ts'
import type { Cluster } from '../cluster.ts'
import { code } from '../codes.ts'
import { type Handler, handler } from '../handler.ts'
import { supportedVersions } from '../versions.ts'

type Answer = Encodable<typeof apiVersions.response>

/** Knows all other APIs, which it lists beside itself. */
export function apiVersionsApi(others: readonly Handler[]): Handler {
  const own: Handler = handler(apiVersions, (cluster, _message, { apiVersion }) => ({
    answer: { ...listed(cluster, [...others, own]), ...features(cluster, apiVersion) },
  }))
  return own
}

/** What a client gets that asks in a version unknown here: the list, in version 0. */
export function unsupportedApiVersions(cluster: Cluster, handlers: readonly Handler[]): Answer {
  return { ...listed(cluster, handlers), errorCode: code.unsupportedVersion }
}

function listed(cluster: Cluster, handlers: readonly Handler[]): Answer {
  const apiKeys = handlers.map(({ api }) => {
    const { min, max } = supportedVersions(api, cluster.options)
    return { apiKey: api.key, minVersion: min, maxVersion: max }
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
