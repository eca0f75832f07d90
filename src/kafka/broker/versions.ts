/** Which versions of an API this cluster says it has. */
import { type Api, versionRange } from '../protocol/schema.ts'
import type { BrokerOptions } from './options.ts'

/** Highest versions before KIP-890, whose later ones imply transaction protocol 2. */
const beforeTransactions2: Readonly<Record<string, number>> = {
  Produce: 11,
  TxnOffsetCommit: 4,
  EndTxn: 4,
  WriteTxnMarkers: 1,
}

/** Versions that Apache Kafka 4.3 knows but does not offer yet: two-phase commit (KIP-939). */
const notYet: Readonly<Record<string, number>> = { InitProducerId: 5 }

export function supportedVersions(
  api: Api,
  options: BrokerOptions,
): { readonly min: number; readonly max: number } {
  const { from, to } = versionRange(api.versions)
  const older = options.transactionVersion === 0 ? beforeTransactions2[api.name] : undefined
  return {
    min: from,
    max: Math.min(to, notYet[api.name] ?? to, older ?? to, options.versionsMax[api.name] ?? to),
  }
}
