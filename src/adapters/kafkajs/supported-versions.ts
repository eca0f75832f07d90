import type { apiVersions } from '../../kafka/protocol/messages/index.ts'
import type { Decoded } from '../../kafka/protocol/schema.ts'
import type { KafkajsVersionRange } from './internals.ts'

/** The versions that a broker speaks, as kafkajs' authenticator wants them. */
export function supportedVersions({
  apiKeys,
}: Decoded<(typeof apiVersions)['response']>): Readonly<Record<number, KafkajsVersionRange>> {
  return Object.fromEntries(
    apiKeys.map(({ apiKey, minVersion, maxVersion }) => [apiKey, { minVersion, maxVersion }]),
  )
}
