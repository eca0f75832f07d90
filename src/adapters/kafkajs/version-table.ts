import type { Decoded } from '../../kafka/protocol/schema.ts'
import type { apiVersions } from '../../kafka/protocol/messages/index.ts'
import type { ApiVersionTable } from '../../kafka/wire.ts'
import type { KafkajsVersionRange } from './internals.ts'

type ApiVersions = Decoded<(typeof apiVersions)['response']>

export function versionTable(answer: ApiVersions): ApiVersionTable {
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

/** As kafkajs' authenticator wants them. */
export function supportedVersions(
  answer: ApiVersions,
): Readonly<Record<number, KafkajsVersionRange>> {
  return Object.fromEntries(
    answer.apiKeys.map(({ apiKey, minVersion, maxVersion }) => [
      apiKey,
      { minVersion, maxVersion },
    ]),
  )
}
