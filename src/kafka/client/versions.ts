/**
 * Which version of an API to speak: what the tables and the node have in common, within our
 * limits.
 */
import type { NodeId } from '../../model/ids.ts'
import { StreamError } from '../../model/errors.ts'
import { type Api, versionRange } from '../protocol/schema.ts'
import type { ApiVersionTable } from '../wire.ts'

export interface VersionLimits {
  readonly min?: number
  readonly max?: number
}

/** @throws StreamError `API_VERSION_UNSUPPORTED` with both sides' ranges. */
export function chooseVersion(
  api: Api,
  table: ApiVersionTable,
  node: NodeId,
  limits: VersionLimits = {},
): number {
  const own = versionRange(api.versions)
  const min = Math.max(own.from, limits.min ?? 0)
  const max = Math.min(own.to, limits.max ?? own.to)
  const range = table.range(api.key)
  if (range === undefined) {
    throw unsupported(api, node, `the broker does not have it; needed are versions ${min}–${max}`)
  }
  const chosen = Math.min(max, range.max)
  if (chosen >= min && chosen >= range.min) return chosen
  const theirs = `the broker speaks versions ${range.min}–${range.max}`
  throw unsupported(api, node, `${theirs}, this client ${min}–${max}`)
}

/** Whether the node speaks this version of the API. */
export function speaks(api: Api, table: ApiVersionTable, version: number): boolean {
  const range = table.range(api.key)
  return range !== undefined && range.min <= version && version <= range.max
}

function unsupported(api: Api, node: NodeId, what: string): StreamError {
  const advice = 'use Apache Kafka 2.5 or later, or a release of Millrace that fits the broker'
  return new StreamError('API_VERSION_UNSUPPORTED', `${api.name}: ${what}; ${advice}`, {
    domain: 'external',
    recovery: 'fatal',
    where: { node: String(node) },
  })
}
